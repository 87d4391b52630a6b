package dev.codeinterpreter.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.UpgradeCommand;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The chart in a namespace of its own, on the cluster that KUBECONFIG names. The cluster has to know the executor's image,
 * and the service's: code-interpreter:latest, or another one by {@code -Dservice.image}.
 */
final class InstalledChart implements AutoCloseable {
    static final String NAME = "ci-code-interpreter";
    static final Path KUBECONFIG = Path.of(String.valueOf(System.getenv("KUBECONFIG")));

    /** For a busy machine, and against hanging only. */
    static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final String SERVICE_IMAGE = System.getProperty("service.image", "code-interpreter:latest");

    private final String namespace = "ci-chart-" + UUID.randomUUID();
    private final KubernetesClient cluster = new KubernetesClientBuilder().build();
    private final List<LocalPortForward> forwards = new ArrayList<>();

    /** @param values by their paths, as {@code helm --set} has them */
    static InstalledChart with(Map<String, Object> values) {
        return with(values, _ -> {}, _ -> {});
    }

    /**
     * @param values by their paths, instead of those of the file
     * @param prepare what the release needs in its namespace
     */
    static InstalledChart fromFile(Path file, Map<String, Object> values, Consumer<InstalledChart> prepare) {
        return with(values, install -> install.withValuesFile(file), prepare);
    }

    private static InstalledChart with(
            Map<String, Object> values, Consumer<InstallCommand> more, Consumer<InstalledChart> prepare) {
        InstalledChart chart = new InstalledChart();
        InstallCommand install = Chart.helm()
                .install()
                .withName("ci")
                .withNamespace(chart.namespace)
                .withKubeConfig(KUBECONFIG);
        more.accept(install);
        imageValues().forEach(install::set);
        values.forEach(install::set);
        try {
            chart.createNamespace();
            prepare.accept(chart);
            install.call();
            chart.awaitRolledOut();
            return chart;
        } catch (Throwable e) {
            chart.close();
            throw e;
        }
    }

    private void createNamespace() {
        cluster.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    static Map<String, Object> imageValues() {
        int colon = SERVICE_IMAGE.lastIndexOf(':');
        return Map.of(
                "image.repository", SERVICE_IMAGE.substring(0, colon),
                "image.tag", SERVICE_IMAGE.substring(colon + 1));
    }

    static String serviceImage() {
        return SERVICE_IMAGE;
    }

    /** Changes these values and leaves the others as they are. */
    void upgrade(Map<String, Object> values) {
        UpgradeCommand upgrade = Chart.helm()
                .upgrade()
                .withName("ci")
                .withNamespace(namespace)
                .reuseValues()
                .withKubeConfig(KUBECONFIG);
        values.forEach(upgrade::set);
        upgrade.call();
        awaitRolledOut();
    }

    /** What {@code helm test} says; it throws when the test's pod fails. */
    String test() {
        return Helm.test("ci")
                .withNamespace(namespace)
                .withKubeConfig(KUBECONFIG)
                .call()
                .getStatus();
    }

    void uninstall() {
        Helm.uninstall("ci").withNamespace(namespace).withKubeConfig(KUBECONFIG).call();
    }

    /** A client of one of the replicas, whichever the API server takes. */
    Api api() {
        return api(replicas().getFirst());
    }

    Api api(Pod pod) {
        LocalPortForward forward = cluster.pods().resource(pod).portForward(8000);
        forwards.add(forward);
        return new Api(forward.getLocalPort());
    }

    /** Pods of the service that are ready and will stay. */
    List<Pod> replicas() {
        return cluster
                .pods()
                .inNamespace(namespace)
                .withLabel("app.kubernetes.io/instance", "ci")
                .withLabel("app.kubernetes.io/name", "code-interpreter")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True")))
                .toList();
    }

    List<Pod> sandboxes() {
        return cluster.pods()
                .inNamespace(namespace)
                .withLabel("code-interpreter.component", "sandbox")
                .list()
                .getItems();
    }

    List<Pod> pods() {
        return cluster.pods().inNamespace(namespace).list().getItems();
    }

    /** Objects of every kind that the cluster has, beside those that any namespace has. */
    List<String> leftovers() {
        List<String> names = new ArrayList<>();
        List<String> versions = new ArrayList<>(List.of("v1"));
        cluster.getApiGroups()
                .getGroups()
                .forEach(group -> versions.add(group.getPreferredVersion().getGroupVersion()));
        for (String version : versions) {
            for (APIResource kind : cluster.getApiResources(version).getResources()) {
                if (Boolean.TRUE.equals(kind.getNamespaced()) && kind.getVerbs().contains("list")) {
                    list(version, kind.getKind()).stream()
                            .map(found -> found.getMetadata().getName())
                            .filter(name -> !name.startsWith("default") && !name.equals("kube-root-ca.crt"))
                            .map(name -> kind.getKind() + " " + name)
                            .forEach(names::add);
                }
            }
        }
        return names;
    }

    private List<GenericKubernetesResource> list(String version, String kind) {
        return kind.equals("Event")
                ? List.of()
                : cluster.genericKubernetesResources(version, kind)
                        .inNamespace(namespace)
                        .list()
                        .getItems();
    }

    /** The newest pods are ready and the older ones have gone. */
    private void awaitRolledOut() {
        Await.until("the service's pods", TIMEOUT, () -> {
            Deployment deployment = cluster.apps()
                    .deployments()
                    .inNamespace(namespace)
                    .withLabel("app.kubernetes.io/instance", "ci")
                    .list()
                    .getItems()
                    .getFirst();
            int wanted = deployment.getSpec().getReplicas();
            var status = deployment.getStatus();
            return deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                    && Integer.valueOf(wanted).equals(status.getUpdatedReplicas())
                    && Integer.valueOf(wanted).equals(status.getReadyReplicas())
                    && Integer.valueOf(wanted).equals(status.getReplicas());
        });
    }

    String namespace() {
        return namespace;
    }

    KubernetesClient cluster() {
        return cluster;
    }

    @Override
    public void close() {
        for (LocalPortForward forward : forwards) {
            try {
                forward.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        cluster.namespaces().withName(namespace).delete();
        cluster.close();
    }
}
