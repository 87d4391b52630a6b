package dev.codeinterpreter.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code ci/onyx-values.yaml}, installed as a release of Onyx's chart would be, with the claim that it names. Of its values
 * these are others here: the images are loaded into the node and not pulled, and there is no ServiceMonitor, whose kind
 * not every cluster knows.
 */
@Tag("alone") // ManifestsClusterIT submits the same values, with the same node port
@Tag("complete")
@Timeout(300)
class OnyxValuesClusterIT {
    private static final NodeDirectory FILES = NodeDirectory.create();
    private static final String VOLUME = "ci-onyx-" + UUID.randomUUID();
    private static @Nullable InstalledChart installed;

    @BeforeAll
    static void install() {
        installed = InstalledChart.fromFile(
                OnyxValuesTest.VALUES,
                Map.of(
                        "image.pullPolicy",
                        "IfNotPresent",
                        "codeInterpreter.kubernetesExecutor.imagePullPolicy",
                        "IfNotPresent",
                        "metrics.serviceMonitor.enabled",
                        false),
                OnyxValuesClusterIT::claim);
    }

    @AfterAll
    static void remove() {
        try (FILES;
                KubernetesClient cluster = new KubernetesClientBuilder().build()) {
            if (installed != null) {
                installed.close();
            }
            cluster.persistentVolumes().withName(VOLUME).delete();
        }
    }

    private static InstalledChart chart() {
        return requireNonNull(installed);
    }

    private static void claim(InstalledChart release) {
        release.cluster().resource(volume()).create();
        release.cluster()
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("rwx")
                        .withNamespace(release.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteMany")
                        .withStorageClassName("")
                        .withVolumeName(VOLUME)
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Gi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
    }

    private static PersistentVolume volume() {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(VOLUME)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteMany")
                .withStorageClassName("")
                .withCapacity(Map.of("storage", new Quantity("1Gi")))
                .withNewHostPath()
                .withPath(FILES.path())
                .endHostPath()
                .endSpec()
                .build();
    }

    @Test
    void replicasShareTheirFilesAndSessions() {
        List<Pod> replicas = chart().replicas();
        assertThat(replicas).hasSize(2);
        Api one = chart().api(replicas.getFirst());
        Api other = chart().api(replicas.getLast());
        String input = one.upload("a.txt", "text");
        String output = other.run(Program.of("open('b.txt', 'w').write(open('a.txt').read() * 2)")
                        .file("a.txt", input))
                .file("b.txt");
        assertThat(one.content(output)).isEqualTo("texttext");
        try (Session session = Session.begin(one)) {
            assertThat(session.python("x = 41").exited(0)).isTrue();
            assertThat(session.through(other).python("print(x + 1)").stdout()).isEqualTo("42\n");
        }
    }

    @Test
    void limitsAreTheirs() {
        Api api = chart().api();
        Answer tooLong = api.execute(Program.of("1").timeoutMs(60_001));
        assertThat(tooLong.status()).isEqualTo(422);
        assertThat(api.run(Program.of("print('x' * 1_100_000)")).stdout()).hasSizeBetween(999_000, 1_000_000);
        // extraEnvVars stand above memoryLimitMb, and above what podResources say.
        assertThat(api.run(Program.of("x = b'x' * (300 << 20)\nprint(len(x) >> 20)"))
                        .stdout())
                .isEqualTo("300\n");
    }

    @Test
    void sandboxesAreAsTheirPodValuesSay() {
        try (Session session = Session.begin(chart().api())) {
            Pod sandbox = chart().sandboxes().stream()
                    .filter(pod -> pod.getMetadata().getName().equals(session.id()))
                    .findFirst()
                    .orElseThrow();
            assertThat(session.bash("id -u; id -g").stdout()).isEqualTo("65532\n65532\n");
            Container container = sandbox.getSpec().getContainers().getFirst();
            assertThat(container.getResources().getLimits()).containsEntry("cpu", new Quantity("5"));
            assertThat(container.getResources().getRequests())
                    .containsEntry("cpu", new Quantity("100m"))
                    .containsEntry("memory", new Quantity("64Mi"));
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            var quota = chart().cluster()
                    .resourceQuotas()
                    .inNamespace(chart().namespace())
                    .list()
                    .getItems()
                    .getFirst();
            assertThat(quota.getStatus().getHard()).containsEntry("pods", new Quantity("32"));
            Quantity used = requireNonNull(quota.getStatus().getUsed().get("pods"));
            assertThat(Integer.parseInt(used.getAmount()))
                    .as("two replicas and the session")
                    .isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void environmentIsTheirs() throws Exception {
        ByteArrayOutputStream environment = new ByteArrayOutputStream();
        try (ExecWatch exec = chart().cluster()
                .pods()
                .resource(chart().replicas().getFirst())
                .writingOutput(environment)
                .exec("env")) {
            assertThat(exec.exitCode().get(30, TimeUnit.SECONDS)).isZero();
        }
        assertThat(environment.toString(UTF_8).lines())
                .contains("CUSTOM_ENV=value", "API_KEY=value", "EXTRA_VAR=1000000", "MEMORY_LIMIT_MB=512", "PORT=8000");
    }

    @Test
    void serviceHasTheirPort() {
        var service = chart().cluster()
                .services()
                .inNamespace(chart().namespace())
                .withName("onyx-code-interpreter")
                .get();
        assertThat(service.getSpec().getType()).isEqualTo("NodePort");
        assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30000);
    }
}
