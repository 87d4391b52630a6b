package dev.codeinterpreter.harness;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** A namespace of the test cluster, of which pods can be made when it is there; closing it deletes all that is in it. */
public record ClusterNamespace(KubernetesClient cluster, String name) implements AutoCloseable {
    public static ClusterNamespace create() {
        KubernetesClient cluster = new KubernetesClientBuilder().build();
        String name = "ci-" + UUID.randomUUID();
        Janitor.watchNamespace(name);
        cluster.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        Await.until(
                "a service account",
                Duration.ofSeconds(20),
                () -> cluster.serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
        return new ClusterNamespace(cluster, name);
    }

    /** By its name. */
    public Optional<Pod> pod(String pod) {
        return Optional.ofNullable(
                cluster.pods().inNamespace(name).withName(pod).get());
    }

    @Override
    public void close() {
        cluster.namespaces().withName(name).delete();
        cluster.close();
    }
}
