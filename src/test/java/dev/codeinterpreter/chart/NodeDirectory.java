package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.UUID;

/**
 * A directory of the cluster's one node that the service's user owns: what a claim with an fsGroup would be. It would
 * outlive the namespace of those that mount it, and ends with this.
 */
record NodeDirectory(String name) implements AutoCloseable {
    private static final String PARENT = "/var/tmp";
    private static final String SERVICE_USER = "1000";

    static NodeDirectory create() {
        NodeDirectory directory = new NodeDirectory("ci-files-" + UUID.randomUUID());
        directory.inPod("install", "-d", "-o", SERVICE_USER, "-g", SERVICE_USER, directory.path());
        return directory;
    }

    String path() {
        return PARENT + "/" + name;
    }

    @Override
    public void close() {
        inPod("rm", "-rf", path());
    }

    private void inPod(String... command) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("root")
                .withImage("code-interpreter-executor:latest")
                .withImagePullPolicy("IfNotPresent")
                .withCommand(command)
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
        try (KubernetesClient cluster = new KubernetesClientBuilder().build()) {
            var resource = cluster.resource(pod);
            resource.create();
            try {
                Await.until(
                        String.join(" ", command),
                        InstalledChart.TIMEOUT,
                        () -> List.of("Succeeded", "Failed")
                                .contains(resource.get().getStatus().getPhase()));
                assertThat(resource.get().getStatus().getPhase())
                        .as(
                                "%s: %s",
                                String.join(" ", command),
                                cluster.pods().resource(pod).getLog())
                        .isEqualTo("Succeeded");
            } finally {
                resource.withGracePeriod(0).delete();
            }
        }
    }
}
