package dev.codeinterpreter.sandbox.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxContract;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sandbox contract on a real cluster, in a namespace of its own. */
class KubernetesBackendClusterIT extends SandboxContract {
    /** Two seconds are promised; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(4);

    private static final String NAMESPACE = "ci-" + UUID.randomUUID();
    private static KubernetesClient cluster;
    private static KubernetesBackend backend;

    @BeforeAll
    static void connect() {
        cluster = new KubernetesClientBuilder().build();
        createNamespace(NAMESPACE);
        backend = backend(Map.of());
    }

    @AfterAll
    static void disconnect() {
        backend.close();
        cluster.namespaces().withName(NAMESPACE).delete();
        cluster.close();
    }

    @Override
    protected SandboxBackend backend() {
        return backend;
    }

    @Override
    protected boolean exists(SandboxId id) {
        return pod(id).isPresent();
    }

    @Override
    protected void awaitGone(SandboxId id) {
        Await.until("a pod that is gone", Duration.ofSeconds(40), () -> !exists(id));
    }

    @Test
    void carriesTwentyMegabytesBothWaysThroughASmallHeap() throws IOException {
        byte[] block = new byte[1 << 20];
        new Random(1).nextBytes(block);
        int blocks = 20;
        try (Sandbox sandbox = backend.launch(spec("cat"))) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < blocks; i++) {
                        sandbox.channel().output().write(block);
                    }
                    sandbox.channel().output().flush();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < blocks; i++) {
                assertThat(sandbox.channel().input().readNBytes(block.length)).isEqualTo(block);
            }
            assertThat(writer.isAlive()).isFalse();
        }
    }

    @Test
    void failsABlockedReadWhenThePodIsDeletedBehindItsBack() {
        try (Sandbox sandbox = backend.launch(spec("sleep", "600"))) {
            long start = System.nanoTime();
            cluster.pods()
                    .inNamespace(NAMESPACE)
                    .withName(sandbox.id().value())
                    .withGracePeriod(30)
                    .delete();
            assertThatThrownBy(() -> {
                        if (sandbox.channel().input().read() < 0) {
                            throw new IOException("end of stream");
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(since(start)).isLessThan(PROMPT);
        }
    }

    /** Files of the node that Kubernetes itself mounts, such as the one for a last message, are not among them. */
    @Test
    void canWriteToMemoryAndToNothingElse() throws IOException {
        String script = """
                import os, stat
                mounts = [line.split() for line in open("/proc/self/mounts")]
                for kind, place in sorted({(mount[2], mount[1]) for mount in mounts}):
                    # What the runtime hides has /dev/null in its place.
                    if os.access(place, os.W_OK) and not stat.S_ISCHR(os.stat(place).st_mode):
                        print(kind, place)
                """;
        try (Sandbox sandbox = backend.launch(spec("python3", "-c", script))) {
            assertThat(new String(sandbox.channel().input().readAllBytes(), UTF_8).lines())
                    .containsExactlyInAnyOrder(
                            "mqueue /dev/mqueue", "tmpfs /dev/shm", "tmpfs /tmp", "tmpfs /workspace");
        }
    }

    @Test
    void completesThePodWhenTheMainProcessEnds() {
        Sandbox sandbox = backend.launch(spec("sleep", "0.5"));
        Await.until(
                "a pod that has succeeded",
                Duration.ofSeconds(10),
                () -> pod(sandbox.id())
                        .filter(pod -> "Succeeded".equals(pod.getStatus().getPhase()))
                        .isPresent());
        sandbox.close();
    }

    @Test
    void saysThatTheImageIsMissing() {
        withBackend(Map.of("KUBERNETES_EXECUTOR_IMAGE", "127.0.0.1:1/no-such-image"), other -> {
            assertLaunchFails(other, "image missing");
        });
    }

    @Test
    void saysThatNoNodeHasRoom() {
        String overrides = "{\"nodeSelector\": {\"no-such-label\": \"ever\"}}";
        withBackend(Map.of("KUBERNETES_EXECUTOR_POD_OVERRIDES", overrides), other -> {
            assertLaunchFails(other, "no room");
        });
    }

    /** Its status says nothing but that the container is being created, for ever. */
    @Test
    void saysWhatANodeTellsInAnEventAlone() {
        String name = "ci-" + UUID.randomUUID();
        var runtime = cluster.resource("""
                {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "%s"}, "handler": "no-such"}
                """.formatted(name));
        runtime.create();
        try {
            String overrides = "{\"runtimeClassName\": \"%s\"}".formatted(name);
            withBackend(Map.of("KUBERNETES_EXECUTOR_POD_OVERRIDES", overrides), other -> {
                assertLaunchFails(other, "launch failed");
            });
        } finally {
            runtime.delete();
        }
    }

    @Test
    void saysThatTheQuotaIsUsedUp() {
        String namespace = "ci-" + UUID.randomUUID();
        createNamespace(namespace);
        cluster.resourceQuotas()
                .inNamespace(namespace)
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("none")
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("pods", new Quantity("0")))
                        .endSpec()
                        .build())
                .create();
        try {
            withBackend(Map.of("KUBERNETES_EXECUTOR_NAMESPACE", namespace), other -> {
                assertLaunchFails(other, "quota");
                assertThat(other.check(Duration.ofSeconds(5)).isOk()).isTrue();
            });
        } finally {
            cluster.namespaces().withName(namespace).delete();
        }
    }

    @Test
    void saysThatTheNamespaceIsMissing() {
        withBackend(Map.of("KUBERNETES_EXECUTOR_NAMESPACE", "no-such-namespace"), other -> {
            assertThatThrownBy(() -> other.launch(spec("cat")))
                    .isInstanceOf(ServiceException.class)
                    .hasMessageStartingWith("Executor capacity unavailable (namespace missing): ");
            assertThat(other.check(Duration.ofSeconds(5)).problem())
                    .contains("the namespace no-such-namespace is missing");
        });
    }

    @Test
    void saysWhichPermissionsAreMissing() {
        System.setProperty(Config.KUBERNETES_IMPERSONATE_USERNAME, "nobody");
        try {
            withBackend(Map.of(), other -> {
                assertThat(other.check(Duration.ofSeconds(5)).problem().orElseThrow())
                        .startsWith("the service lacks these permissions in namespace " + NAMESPACE)
                        .contains("create pods", "watch pods", "get pods/exec");
                assertThatThrownBy(() -> other.launch(spec("cat")))
                        .isInstanceOf(ServiceException.class)
                        .hasMessageStartingWith("Executor capacity unavailable (not permitted): ");
            });
        } finally {
            System.clearProperty(Config.KUBERNETES_IMPERSONATE_USERNAME);
        }
    }

    @Test
    void leavesForeignPodsAlone() {
        SandboxId name = SandboxId.randomSession();
        cluster.pods()
                .inNamespace(NAMESPACE)
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name.value())
                        .addToLabels(PodSpecs.ROLE_LABEL, "session")
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(0L)
                        .addNewContainer()
                        .withName(PodSpecs.CONTAINER)
                        .withImage("code-interpreter-executor:latest")
                        .withImagePullPolicy("IfNotPresent")
                        .withCommand("sleep", "600")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        cluster.pods()
                .inNamespace(NAMESPACE)
                .withName(name.value())
                .waitUntilReady(20, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(backend.list()).extracting(summary -> summary.id()).doesNotContain(name);
        assertThat(backend.connect(name, List.of("true"))).isEmpty();
        assertThat(backend.remove(name)).isFalse();
        assertThat(pod(name).orElseThrow().getMetadata().getDeletionTimestamp()).isNull();
        cluster.pods().inNamespace(NAMESPACE).withName(name.value()).delete();
    }

    @Test
    void endsAPodAtItsDeadline() {
        SandboxId id = SandboxId.random();
        Instant soon = Clock.systemUTC().instant().plusSeconds(4);
        SandboxSpec spec = new SandboxSpec(id, List.of("sleep", "600"), Map.of("PATH", "/usr/bin:/bin"), LIMITS, soon);
        Sandbox sandbox = backend.launch(spec);
        Await.until(
                "a pod at its end",
                Duration.ofSeconds(20),
                () -> pod(id).filter(
                                pod -> "DeadlineExceeded".equals(pod.getStatus().getReason()))
                        .isPresent());
        sandbox.close();
        assertThat(exists(id)).isFalse();
    }

    private interface BackendTest {
        void with(KubernetesBackend backend);
    }

    private static void assertLaunchFails(KubernetesBackend backend, String reason) {
        SandboxSpec spec = spec("cat");
        long start = System.nanoTime();
        assertThatThrownBy(() -> backend.launch(spec))
                .isInstanceOf(ServiceException.class)
                .hasMessageStartingWith("Executor capacity unavailable (%s): ".formatted(reason));
        assertThat(since(start)).isLessThan(PROMPT);
        Await.until(
                "nothing left of it",
                Duration.ofSeconds(20),
                () -> pod(spec.id()).isEmpty());
    }

    private static void withBackend(Map<String, String> variables, BackendTest test) {
        KubernetesBackend other = backend(variables);
        try {
            test.with(other);
        } finally {
            other.close();
        }
    }

    private static KubernetesBackend backend(Map<String, String> variables) {
        Map<String, String> defaults = Map.of(
                "KUBERNETES_EXECUTOR_NAMESPACE", NAMESPACE, "KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY", "IfNotPresent");
        Settings settings = new Settings(
                name -> Optional.ofNullable(variables.get(name)).or(() -> Optional.ofNullable(defaults.get(name))));
        KubernetesBackend made = new KubernetesBackend(settings, Clock.systemUTC());
        settings.verify();
        return made;
    }

    private static void createNamespace(String name) {
        cluster.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        Await.until(
                "a service account",
                Duration.ofSeconds(20),
                () -> cluster.serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
    }

    private static Optional<Pod> pod(SandboxId id) {
        return cluster.pods().inAnyNamespace().list().getItems().stream()
                .filter(pod -> pod.getMetadata().getName().equals(id.value()))
                .findFirst();
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
