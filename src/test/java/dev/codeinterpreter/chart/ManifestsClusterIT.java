package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.TemplateCommand;
import dev.codeinterpreter.harness.Api;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every object that the chart can make, judged by an API server; and the manifests without Helm, applied. */
@Timeout(240)
class ManifestsClusterIT {
    private static final String NAMESPACE = "ci-manifests-" + UUID.randomUUID();
    private static final String SANDBOXES = "ci-manifests-" + UUID.randomUUID();
    /** The namespace that the file names. */
    private static final String PLAIN = "code-interpreter";

    private static final KubernetesClient CLUSTER = new KubernetesClientBuilder().build();

    @BeforeAll
    static void prepare() {
        List.of(NAMESPACE, SANDBOXES)
                .forEach(name -> CLUSTER.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                        .create());
    }

    @AfterAll
    static void cleanUp() {
        List.of(NAMESPACE, SANDBOXES, PLAIN)
                .forEach(name -> CLUSTER.namespaces().withName(name).delete());
        CLUSTER.close();
    }

    static List<Path> valueFiles() throws IOException {
        return Chart.valueFiles().toList();
    }

    @ParameterizedTest
    @MethodSource("valueFiles")
    void areTakenByTheApi(Path values) {
        TemplateCommand template = Chart.helm()
                .template()
                .withName("ci")
                .withNamespace(NAMESPACE)
                .withKubeVersion(CLUSTER.getKubernetesVersion().getGitVersion())
                .withValuesFile(values);
        if (values.endsWith("apart-values.yaml")) {
            template.set("codeInterpreter.kubernetesExecutor.namespace", SANDBOXES);
        }
        // Of a kind that clusters do not have by themselves; ChartTest knows what it looks like. Debian's 1.20, built
        // with
        // Go 1.19, dies of any object of such a kind.
        List<GenericKubernetesResource> resources = Chart.resources(template.call()).stream()
                .filter(resource -> !resource.getApiVersion().startsWith("monitoring.coreos.com/"))
                .toList();
        assertThat(resources).extracting(GenericKubernetesResource::getKind).contains("Deployment", "Service");
        assertThat(resources).allSatisfy(resource -> {
            GenericKubernetesResource taken =
                    CLUSTER.resource(resource).dryRun().create();
            assertThat(taken.getMetadata().getUid()).isNotBlank();
        });
    }

    @Test
    void runProgramsWithoutHelm() throws IOException {
        int colon = InstalledChart.serviceImage().lastIndexOf(':');
        String name = InstalledChart.serviceImage().substring(0, colon);
        String manifests = Files.readString(Path.of("k8s/code-interpreter.yaml"))
                .replaceFirst("image: \"code-interpreter:[^\"]*\"", "image: \"" + InstalledChart.serviceImage() + "\"");
        assertThat(manifests).contains(name);
        assertThat(CLUSTER.namespaces().withName(PLAIN).get())
                .as("somebody's namespace of that name")
                .isNull();

        Chart.resources(manifests)
                .forEach(resource -> CLUSTER.resource(resource).create());

        CLUSTER.apps()
                .deployments()
                .inNamespace(PLAIN)
                .withName(PLAIN)
                .waitUntilReady(InstalledChart.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        try (LocalPortForward forward =
                CLUSTER.services().inNamespace(PLAIN).withName(PLAIN).portForward(8000)) {
            Api api = new Api(forward.getLocalPort());
            assertThat(api.get("/ready").status()).isEqualTo(200);
            assertThat(api.run("print(6 * 7)").stdout()).isEqualTo("42\n");
        }
    }
}
