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
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two replicas with one directory of the node's, as a claim that both mount would be. */
@Tag("complete")
@Timeout(300)
class SharedFilesClusterIT {
    private static final int FILES = 120;

    /** Of the node, made by the first pod that mounts it. It would outlive the namespace, and ends with this. */
    private record NodeDirectory(String parent, String name) implements AutoCloseable {
        String path() {
            return parent + "/" + name;
        }

        @Override
        public void close() {
            Pod pod = new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace("default")
                    .endMetadata()
                    .withNewSpec()
                    .withRestartPolicy("Never")
                    .addNewContainer()
                    .withName("remover")
                    .withImage("code-interpreter-executor:latest")
                    .withImagePullPolicy("IfNotPresent")
                    .withCommand("rm", "-rf", path())
                    .withNewSecurityContext()
                    .withRunAsUser(0L)
                    .endSecurityContext()
                    .addNewVolumeMount()
                    .withName("parent")
                    .withMountPath(parent)
                    .endVolumeMount()
                    .endContainer()
                    .addNewVolume()
                    .withName("parent")
                    .withNewHostPath()
                    .withPath(parent)
                    .endHostPath()
                    .endVolume()
                    .endSpec()
                    .build();
            try (KubernetesClient cluster = new KubernetesClientBuilder().build()) {
                var remover = cluster.resource(pod);
                remover.create();
                try {
                    Await.until(
                            "the end of " + path(),
                            InstalledChart.TIMEOUT,
                            () -> remover.get().getStatus().getPhase().equals("Succeeded"));
                } finally {
                    remover.delete();
                }
            }
        }
    }

    private static Map<String, Object> values(NodeDirectory directory) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("replicaCount", 2);
        values.put("fileStorage.shared", true);
        values.put("configMap.create", true);
        values.put("configMap.data.WARM_POOL_SIZE", 0);
        values.put("configMap.data.WARM_POOL_BARE_SIZE", 1);
        values.put("volumes[0].name", "shared");
        values.put("volumes[0].hostPath.path", directory.path());
        values.put("volumes[0].hostPath.type", "DirectoryOrCreate");
        values.put("volumeMounts[0].name", "shared");
        values.put("volumeMounts[0].mountPath", "/tmp/code-interpreter-files");
        // What an fsGroup does for a claim; the node's own directory belongs to root.
        values.put("initContainers[0].name", "owner");
        values.put("initContainers[0].image", "code-interpreter-executor:latest");
        values.put("initContainers[0].imagePullPolicy", "IfNotPresent");
        values.put("initContainers[0].command[0]", "chown");
        values.put("initContainers[0].command[1]", "1000:1000");
        values.put("initContainers[0].command[2]", "/files");
        values.put("initContainers[0].securityContext.runAsUser", 0);
        values.put("initContainers[0].securityContext.runAsNonRoot", false);
        values.put("initContainers[0].volumeMounts[0].name", "shared");
        values.put("initContainers[0].volumeMounts[0].mountPath", "/files");
        return values;
    }

    /** Each file goes up through one and comes back through the other; one of them ends in the middle. */
    @Test
    void noFileIsLostWithAReplica() throws Exception {
        try (NodeDirectory directory = new NodeDirectory("/var/tmp", "ci-files-" + UUID.randomUUID());
                InstalledChart chart = InstalledChart.with(values(directory))) {
            Map<Integer, String> stored = storeWhileOneEnds(chart);
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
    }

    /** The ids of those that were answered 201, by their numbers. */
    private static Map<Integer, String> storeWhileOneEnds(InstalledChart chart) throws Exception {
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
        return stored;
    }

    private static String content(int number) {
        return new String(new byte[number * 100], UTF_8).replace('\0', (char) ('a' + number % 26));
    }
}
