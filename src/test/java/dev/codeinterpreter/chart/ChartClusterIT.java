package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The life of a release of one replica, from install to uninstall. */
@Timeout(240)
@TestMethodOrder(OrderAnnotation.class)
class ChartClusterIT {
    private static final Duration PROMPT = Duration.ofSeconds(60);
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.with(Map.of(
                "networkPolicy.enabled",
                true,
                "podDisruptionBudget.enabled",
                true,
                "prePull.enabled",
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
    @Order(1)
    void runsProgramsWithTheirFiles() {
        Api api = chart.api();
        assertThat(api.get("/ready").status()).isEqualTo(200);
        assertThat(api.get("/health").json().getString("executor_backend")).isEqualTo("kubernetes");
        assertThat(api.run(Program.of("print(6 * 7)")).stdout()).isEqualTo("42\n");
        String input = api.upload("a.txt", "text");
        String output = api.run(Program.of("open('b.txt', 'w').write(open('a.txt').read() * 2)")
                        .file("a.txt", input))
                .file("b.txt");
        assertThat(api.get("/v1/files/" + output).body()).isEqualTo("texttext");
    }

    /** An idle sandbox, a session, one that runs, the service itself, and the pod that pulls the image. */
    @Test
    @Order(2)
    void startsNoPodThatPodSecurityWouldRefuse() throws IOException {
        Api api = chart.api();
        try (Session session = Session.begin(api);
                Socket _ = api.begin(Program.of("import time; time.sleep(9)"))) {
            Await.until(
                    "a pod of each kind",
                    PROMPT,
                    () -> chart.sandboxes().size() >= 3 && chart.pods().size() >= 5);
            assertThat(chart.pods())
                    .allSatisfy(pod -> assertThat(PodSecurity.violatedBy(pod))
                            .as(pod.getMetadata().getName())
                            .isEmpty());
            assertThat(chart.sandboxes()).allSatisfy(pod -> {
                assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
                assertThat(pod.getSpec().getInitContainers()).isEmpty();
                assertThat(pod.getSpec().getVolumes())
                        .allSatisfy(volume ->
                                assertThat(volume.getEmptyDir().getMedium()).isEqualTo("Memory"));
            });
            Pod replica = chart.replicas().getFirst();
            assertThat(chart.sandboxes())
                    .allSatisfy(pod -> assertThat(pod.getMetadata().getOwnerReferences())
                            .singleElement()
                            .satisfies(owner -> {
                                boolean isSession = pod.getMetadata().getName().equals(session.id());
                                assertThat(owner.getKind()).isEqualTo(isSession ? "Deployment" : "Pod");
                                assertThat(owner.getName())
                                        .isEqualTo(
                                                isSession
                                                        ? InstalledChart.NAME
                                                        : replica.getMetadata().getName());
                            }));
        }
    }

    @Test
    @Order(3)
    void passesItsOwnTest() {
        assertThat(chart.test()).isEqualTo("deployed");
    }

    @Test
    @Order(4)
    void keepsSessionsThroughAnUpgrade() {
        Session before = Session.begin(chart.api());
        assertThat(before.python("x = 41").exited(0)).isTrue();
        Pod old = chart.replicas().getFirst();

        chart.upgrade(Map.of("codeInterpreter.maxExecTimeoutMs", 30000, "podAnnotations.changed", "yes"));

        assertThat(chart.replicas())
                .singleElement()
                .satisfies(pod -> assertThat(pod.getMetadata().getName())
                        .isNotEqualTo(old.getMetadata().getName()));
        Api api = chart.api();
        assertThat(api.execute(Program.of("1").timeoutMs(30001)).status()).isEqualTo(422);
        assertThat(before.through(api).python("print(x + 1)").stdout()).isEqualTo("42\n");
        assertThat(chart.test()).isEqualTo("deployed");
    }

    @Test
    @Order(5)
    void leavesNothingWhenItIsUninstalled() {
        Session.begin(chart.api());
        chart.uninstall();
        Await.until(
                "a namespace without anything of ours",
                PROMPT.multipliedBy(2),
                () -> chart.leftovers().isEmpty());
        assertThat(chart.leftovers()).isEqualTo(List.of());
    }
}
