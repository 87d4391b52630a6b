package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service's image and the chart on a real cluster, which has to know code-interpreter:latest. */
@Timeout(120)
class ChartClusterIT {
    private static final String NAMESPACE = "ci-chart-" + UUID.randomUUID();
    private static final Path KUBECONFIG = Path.of(String.valueOf(System.getenv("KUBECONFIG")));
    private static final Duration PROMPT = Duration.ofSeconds(30);
    private static KubernetesClient cluster;

    @BeforeAll
    static void install() {
        cluster = new KubernetesClientBuilder().build();
        Chart.helm()
                .install()
                .withName("ci")
                .withNamespace(NAMESPACE)
                .createNamespace()
                .withKubeConfig(KUBECONFIG)
                .set("image.tag", "latest")
                .set("networkPolicy.enabled", true)
                .set("podDisruptionBudget.enabled", true)
                .call();
        cluster.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName("ci-code-interpreter")
                .waitUntilReady(90, java.util.concurrent.TimeUnit.SECONDS);
    }

    @AfterAll
    static void remove() {
        cluster.namespaces().withName(NAMESPACE).delete();
        cluster.close();
    }

    @Test
    void runsProgramsAndLeavesNothingWhenItIsUninstalled() throws IOException {
        try (LocalPortForward forward = cluster.services()
                .inNamespace(NAMESPACE)
                .withName("ci-code-interpreter")
                .portForward(8000)) {
            Api api = new Api(forward.getLocalPort());
            assertThat(api.get("/ready").status()).isEqualTo(200);
            assertThat(api.run(Program.of("print(6 * 7)")).stdout()).isEqualTo("42\n");
            Session session = Session.begin(api);
            assertThat(session.python("x = 1").exited(0)).isTrue();
            Pod pod =
                    cluster.pods().inNamespace(NAMESPACE).withName(session.id()).get();
            assertThat(pod.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("Deployment"));
        }
        assertThat(Helm.test("ci")
                        .withNamespace(NAMESPACE)
                        .withKubeConfig(KUBECONFIG)
                        .call()
                        .getStatus())
                .as("it throws when the test's pod fails")
                .isEqualTo("deployed");
        Helm.uninstall("ci").withNamespace(NAMESPACE).withKubeConfig(KUBECONFIG).call();
        Await.until("the session's pod to go with its owner", PROMPT.multipliedBy(2), () -> names().isEmpty());
        assertThat(cluster.genericKubernetesResources("rbac.authorization.k8s.io/v1", "Role")
                        .inNamespace(NAMESPACE)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(cluster.services().inNamespace(NAMESPACE).list().getItems()).isEmpty();
    }

    private static List<String> names() {
        return cluster.pods().inNamespace(NAMESPACE).list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }
}
