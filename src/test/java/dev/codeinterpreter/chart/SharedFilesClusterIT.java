package dev.codeinterpreter.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two replicas with one directory of the node's, as a claim that both mount would be. */
@Tag("complete")
@Timeout(300)
class SharedFilesClusterIT {
    private static final int FILES = 120;
    private static final String PARENT = "/var/tmp";
    private static final String DIRECTORY = PARENT + "/ci-files-" + UUID.randomUUID();
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        Map<String, Object> values = new HashMap<>(Map.of(
                "replicaCount",
                2,
                "fileStorage.shared",
                true,
                "configMap.create",
                true,
                "configMap.data.WARM_POOL_SIZE",
                0,
                "configMap.data.WARM_POOL_BARE_SIZE",
                1));
        values.putAll(Map.of(
                "volumes[0].name", "shared",
                "volumes[0].hostPath.path", DIRECTORY,
                "volumes[0].hostPath.type", "DirectoryOrCreate",
                "volumeMounts[0].name", "shared",
                "volumeMounts[0].mountPath", "/tmp/code-interpreter-files"));
        values.putAll(initContainer("chown 1000:1000 /files"));
        chart = InstalledChart.with(values);
    }

    /** What an fsGroup does for a claim; the node's own directory belongs to root. */
    private static Map<String, Object> initContainer(String command) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("initContainers[0].name", "owner");
        values.put("initContainers[0].image", "code-interpreter-executor:latest");
        values.put("initContainers[0].imagePullPolicy", "IfNotPresent");
        values.put("initContainers[0].command[0]", "sh");
        values.put("initContainers[0].command[1]", "-c");
        values.put("initContainers[0].command[2]", command);
        values.put("initContainers[0].securityContext.runAsUser", 0);
        values.put("initContainers[0].securityContext.runAsNonRoot", false);
        values.put("initContainers[0].volumeMounts[0].name", "shared");
        values.put("initContainers[0].volumeMounts[0].mountPath", "/files");
        return values;
    }

    @AfterAll
    static void remove() {
        chart.cluster()
                .apps()
                .deployments()
                .inNamespace(chart.namespace())
                .withName(InstalledChart.NAME)
                .delete();
        removeDirectory();
        chart.close();
    }

    /** It is the node's, and would outlive the namespace. */
    private static void removeDirectory() {
        Pod remover = new PodBuilder()
                .withNewMetadata()
                .withName("remover")
                .withNamespace(chart.namespace())
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("remover")
                .withImage("code-interpreter-executor:latest")
                .withImagePullPolicy("IfNotPresent")
                .withCommand("rm", "-rf", DIRECTORY)
                .withNewSecurityContext()
                .withRunAsUser(0L)
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("parent")
                .withMountPath(PARENT)
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("parent")
                .withNewHostPath()
                .withPath(PARENT)
                .endHostPath()
                .endVolume()
                .endSpec()
                .build();
        var pod = chart.cluster().resource(remover);
        pod.create();
        Await.until(
                "the end of the directory",
                InstalledChart.TIMEOUT,
                () -> pod.get().getStatus().getPhase().equals("Succeeded"));
    }

    /** Each file goes up through one and comes back through the other; one of them ends in the middle. */
    @Test
    void noFileIsLostWithAReplica() throws Exception {
        List<Pod> replicas = chart.replicas();
        assertThat(replicas).hasSize(2);
        Pod victim = replicas.getFirst();
        Api doomed = chart.api(victim);
        Api survivor = chart.api(replicas.getLast());
        Map<Integer, String> stored = new ConcurrentHashMap<>();
        AtomicBoolean killed = new AtomicBoolean();
        CountDownLatch third = new CountDownLatch(FILES / 3);
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            List<Future<?>> results = IntStream.range(0, FILES)
                    .<Future<?>>mapToObj(number -> clients.submit(() -> {
                        boolean upThroughDoomed = number % 2 == 0 && !killed.get();
                        try {
                            Answer answer = (upThroughDoomed ? doomed : survivor)
                                    .tryUpload("f" + number, BodyPublishers.ofString(content(number)));
                            if (answer.status() == 201) {
                                String id = answer.json().getString("file_id");
                                stored.put(number, id);
                                if (!killed.get()) {
                                    assertThat((upThroughDoomed ? survivor : doomed).content(id))
                                            .isEqualTo(content(number));
                                }
                            }
                        } catch (UncheckedIOException e) {
                            assertThat(killed.get())
                                    .as("no answer to %d", number)
                                    .isTrue();
                        }
                        third.countDown();
                    }))
                    .toList();
            assertThat(third.await(1, TimeUnit.MINUTES)).isTrue();
            killed.set(true);
            chart.cluster().pods().resource(victim).withGracePeriod(0).delete();
            for (Future<?> result : results) {
                result.get();
            }
        }
        // What was under way at the one that ended.
        assertThat(stored).hasSizeGreaterThan(FILES - 10);
        Await.until(
                "two replicas again",
                InstalledChart.TIMEOUT,
                () -> chart.replicas().size() == 2);
        for (Pod replica : chart.replicas()) {
            Api api = chart.api(replica);
            stored.forEach((number, id) -> assertThat(api.content(id)).isEqualTo(content(number)));
            assertThat(api.run(Program.of("print(len(open('in').read()))")
                                    .file("in", requireNonNull(stored.get(FILES - 1))))
                            .stdout())
                    .isEqualTo(content(FILES - 1).length() + "\n");
        }
    }

    private static String content(int number) {
        return new String(new byte[number * 100], UTF_8).replace('\0', (char) ('a' + number % 26));
    }
}
