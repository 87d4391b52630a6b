package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ClusterNamespace;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.sandbox.SandboxLabels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the cluster itself takes away when the service's pod, and when its Deployment is deleted, and no service is left. */
@Timeout(240)
class OwnersClusterIT {
    private static final Duration WITHOUT_HELP = Duration.ofSeconds(60);
    private static final Map<String, String> LABELS = Map.of("app", "owner");

    private final ClusterNamespace namespace = ClusterNamespace.create();
    private final KubernetesClient cluster = namespace.cluster();

    @AfterEach
    void deleteNamespace() {
        namespace.close();
    }

    @Test
    void goesWithItsOwnerAndNoSooner() {
        Pod pod = cluster.resource(pod()).create();
        Deployment deployment = cluster.resource(deployment()).create();
        try (ServiceProcess service = ServiceProcess.start(Map.of(
                "KUBERNETES_EXECUTOR_NAMESPACE",
                namespace.name(),
                "KUBERNETES_OWN_NAMESPACE",
                namespace.name(),
                "POD_NAME",
                pod.getMetadata().getName(),
                "POD_UID",
                pod.getMetadata().getUid(),
                "KUBERNETES_OWNER_DEPLOYMENT_NAME",
                deployment.getMetadata().getName(),
                "WARM_POOL_SIZE",
                "2"))) {
            service.awaitIdle(2);
            Session session = Session.begin(service.api());
            assertThat(session.bash("true").exited(0)).isTrue();
            assertThat(sandboxes("one-shot")).hasSize(2);
            service.kill();
            cluster.resource(pod).withGracePeriod(0).delete();
            Await.until(
                    "no sandbox of the pool",
                    WITHOUT_HELP,
                    () -> sandboxes("one-shot").isEmpty());
            assertThat(sandboxes("session")).containsExactly(session.id());
            cluster.resource(deployment).delete();
            Await.until("no session", WITHOUT_HELP, () -> sandboxes("session").isEmpty());
        }
    }

    private List<String> sandboxes(String role) {
        return cluster
                .pods()
                .inNamespace(namespace.name())
                .withLabel(SandboxLabels.ROLE, role)
                .list()
                .getItems()
                .stream()
                .map(HasMetadata::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
    }

    /** Stands for the one that the service would run in. */
    private Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("owner")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("owner")
                .withImage("code-interpreter-executor:latest")
                .withImagePullPolicy("IfNotPresent")
                .withCommand("sleep", "600")
                .endContainer()
                .endSpec()
                .build();
    }

    /** It need not have pods. */
    private Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("owner")
                .withNamespace(namespace.name())
                .endMetadata()
                .withNewSpec()
                .withReplicas(0)
                .withNewSelector()
                .withMatchLabels(LABELS)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(LABELS)
                .endMetadata()
                .withSpec(pod().getSpec())
                .endTemplate()
                .endSpec()
                .build();
    }
}
