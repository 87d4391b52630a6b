package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two replicas behind one Service, which sends each connection to either of them. */
@Timeout(300)
class ReplicasClusterIT {
    private static final Duration GONE = Duration.ofMinutes(1);
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.with(Map.of(
                "replicaCount",
                2,
                "fileStorage",
                "perReplica",
                "service.sessionAffinity",
                "None",
                "podDisruptionBudget.enabled",
                true,
                "configMap.create",
                true,
                "configMap.data.WARM_POOL_SIZE",
                1));
    }

    @AfterAll
    static void remove() {
        chart.close();
    }

    @Test
    void serveEachOthersSessions() {
        List<Pod> replicas = chart.replicas();
        assertThat(replicas).hasSize(2);
        Api one = chart.api(replicas.get(0));
        Api other = chart.api(replicas.get(1));
        try (Session begunAtOne = Session.begin(one);
                Session begunAtTheOther = Session.begin(other)) {
            assertThat(begunAtOne.python("x = 6").exited(0)).isTrue();
            assertThat(begunAtOne.through(other).python("print(x * 7)").stdout())
                    .isEqualTo("42\n");
            assertThat(begunAtTheOther.bash("echo text > file").exited(0)).isTrue();
            assertThat(begunAtTheOther.through(one).bash("cat file").stdout()).isEqualTo("text\n");
            assertThat(begunAtTheOther.through(one).read("file").body()).isEqualTo("text\n");
            assertThat(begunAtOne.through(other).end().status()).isEqualTo(204);
            assertThat(begunAtOne.get().status()).isEqualTo(404);
        }
    }

    @Test
    void loseNoSessionWhenOneOfThemIsKilled() {
        Await.until(
                "two replicas", InstalledChart.TIMEOUT, () -> chart.replicas().size() == 2);
        Pod victim = chart.replicas().getFirst();
        Session session = Session.begin(chart.api(victim));
        assertThat(session.python("x = 42").exited(0)).isTrue();
        ClientPod client = ClientPod.run(
                chart, "load-" + UUID.randomUUID(), ClientPod.script("mixed_load.py"), serviceAddress(), "200");
        client.awaitLine("under way");

        chart.cluster().pods().resource(victim).withGracePeriod(0).delete();

        Await.until("the end of its own sandboxes", GONE, () -> ownedBy(victim).isEmpty());
        JsonObject summary =
                Json.createReader(new StringReader(client.result())).readObject();
        System.out.println("200 requests, one of two replicas killed: " + summary.getJsonObject("answers"));
        assertThat(summary.getJsonArray("wrong")).isEmpty();
        assertThat(summary.getJsonArray("lost")).isEmpty();
        assertThat(summary.getJsonObject("answers").keySet())
                .allMatch(answer -> answer.matches("(run|stream|session) (200|503|connection)"));
        int failed = summary.getJsonObject("answers").entrySet().stream()
                .filter(entry -> !entry.getKey().endsWith("200"))
                .mapToInt(entry -> Integer.parseInt(entry.getValue().toString()))
                .sum();
        assertThat(failed).as("those that it was about").isLessThan(40);
        Await.until(
                "two replicas again",
                InstalledChart.TIMEOUT,
                () -> chart.replicas().size() == 2);
        for (Pod replica : chart.replicas()) {
            assertThat(session.through(chart.api(replica)).python("print(x)").stdout())
                    .isEqualTo("42\n");
        }
        session.through(chart.api()).end();
    }

    /** Each is stopped only when another is ready, and finishes what it has accepted. */
    @Test
    @Tag("complete")
    void failNoRequestDuringAnUpgrade() {
        Await.until(
                "two replicas", InstalledChart.TIMEOUT, () -> chart.replicas().size() == 2);
        ClientPod client = ClientPod.run(
                chart, "load-" + UUID.randomUUID(), ClientPod.script("mixed_load.py"), serviceAddress(), "200");
        client.awaitLine("under way");

        chart.upgrade(Map.of("podAnnotations.changed", UUID.randomUUID().toString()));

        JsonObject summary =
                Json.createReader(new StringReader(client.result())).readObject();
        System.out.println("200 requests during a rolling upgrade: " + summary.getJsonObject("answers"));
        assertThat(summary.getJsonArray("wrong")).isEmpty();
        assertThat(summary.getJsonArray("lost")).isEmpty();
        assertThat(summary.getJsonObject("answers").keySet()).allMatch(answer -> answer.endsWith(" 200"));
    }

    private static String serviceAddress() {
        return chart.cluster()
                        .services()
                        .inNamespace(chart.namespace())
                        .withName(InstalledChart.NAME)
                        .get()
                        .getSpec()
                        .getClusterIP()
                + ":8000";
    }

    private static List<String> ownedBy(Pod owner) {
        return chart.sandboxes().stream()
                .filter(pod -> pod.getMetadata().getOwnerReferences().stream()
                        .anyMatch(reference ->
                                reference.getUid().equals(owner.getMetadata().getUid())))
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }
}
