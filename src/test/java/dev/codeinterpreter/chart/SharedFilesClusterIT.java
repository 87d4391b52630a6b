package dev.codeinterpreter.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private static Map<String, Object> values(NodeDirectory directory) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("replicaCount", 2);
        values.put("fileStorage.shared", true);
        values.put("configMap.create", true);
        values.put("configMap.data.WARM_POOL_SIZE", 0);
        values.put("configMap.data.WARM_POOL_BARE_SIZE", 1);
        values.put("volumes[0].name", "shared");
        values.put("volumes[0].hostPath.path", directory.path());
        values.put("volumeMounts[0].name", "shared");
        values.put("volumeMounts[0].mountPath", "/tmp/code-interpreter-files");
        return values;
    }

    /** Each file goes up through one and comes back through the other; one of them ends in the middle. */
    @Test
    void noFileIsLostWithAReplica() throws Exception {
        try (NodeDirectory directory = NodeDirectory.create();
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
