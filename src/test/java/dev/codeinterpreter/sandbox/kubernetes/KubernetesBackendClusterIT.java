package dev.codeinterpreter.sandbox.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ClusterNamespace;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxContract;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The sandbox contract on a real cluster, in a namespace of its own. The two minutes of {@link #awaitGone} have to fit into a
 * test.
 */
@Timeout(180)
class KubernetesBackendClusterIT extends SandboxContract {
    /** Two seconds are promised; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(4);

    private static ClusterNamespace namespace;
    private static KubernetesBackend backend;

    @BeforeAll
    static void connect() {
        namespace = ClusterNamespace.create();
        backend = TestBackend.in(namespace.name(), Map.of());
    }

    @AfterAll
    static void disconnect() {
        backend.close();
        namespace.close();
    }

    @Override
    protected SandboxBackend backend() {
        return backend;
    }

    @Override
    protected boolean exists(SandboxId id) {
        return namespace.pod(id.value()).isPresent();
    }

    /** Within half a minute; but process 1 waits a minute for one that came and went before it could look. */
    @Override
    protected void awaitGone(SandboxId id) {
        Await.until("a pod that is gone", Duration.ofMinutes(2), () -> !exists(id));
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
            namespace
                    .cluster()
                    .pods()
                    .inNamespace(namespace.name())
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
                () -> namespace
                        .pod(sandbox.id().value())
                        .filter(pod -> "Succeeded".equals(pod.getStatus().getPhase()))
                        .isPresent());
        sandbox.close();
    }

    /** Its status says nothing but that the container is being created, for ever. */
    @Test
    void leavesForeignPodsAlone() {
        SandboxId name = SandboxId.randomSession();
        namespace
                .cluster()
                .pods()
                .inNamespace(namespace.name())
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name.value())
                        .addToLabels(SandboxLabels.ROLE, "session")
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
        namespace
                .cluster()
                .pods()
                .inNamespace(namespace.name())
                .withName(name.value())
                .waitUntilReady(20, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(backend.list()).extracting(summary -> summary.id()).doesNotContain(name);
        assertThat(backend.connect(name, "default", List.of("true"))).isEmpty();
        assertThat(backend.remove(name, "default")).isFalse();
        assertThat(namespace.pod(name.value()).orElseThrow().getMetadata().getDeletionTimestamp())
                .isNull();
        namespace
                .cluster()
                .pods()
                .inNamespace(namespace.name())
                .withName(name.value())
                .delete();
    }

    @Test
    void endsAPodAtItsDeadline() {
        SandboxId id = SandboxId.random();
        Instant soon = Clock.systemUTC().instant().plusSeconds(4);
        SandboxSpec spec =
                new SandboxSpec(id, "default", List.of("sleep", "600"), Map.of("PATH", "/usr/bin:/bin"), LIMITS, soon);
        Sandbox sandbox = backend.launch(spec);
        Await.until(
                "a pod at its end",
                Duration.ofSeconds(20),
                () -> namespace
                        .pod(id.value())
                        .filter(pod -> "DeadlineExceeded".equals(pod.getStatus().getReason()))
                        .isPresent());
        sandbox.close();
        assertThat(exists(id)).isFalse();
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
