package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.TemplateCommand;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
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

    /** Of the real one what the chart uses, so that a misspelt field is refused here as there. */
    private static final String SERVICE_MONITORS = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: servicemonitors.monitoring.coreos.com}
            spec:
              group: monitoring.coreos.com
              scope: Namespaced
              names: {kind: ServiceMonitor, plural: servicemonitors, singular: servicemonitor}
              versions:
                - name: v1
                  served: true
                  storage: true
                  schema:
                    openAPIV3Schema:
                      type: object
                      required: [spec]
                      properties:
                        spec:
                          type: object
                          required: [selector, endpoints]
                          properties:
                            selector:
                              type: object
                              properties:
                                matchLabels: {type: object, additionalProperties: {type: string}}
                            endpoints:
                              type: array
                              items:
                                type: object
                                properties:
                                  port: {type: string}
                                  path: {type: string}
                                  interval: {type: string, pattern: "^[0-9]+(s|m|h)$"}
            """;

    private static final KubernetesClient CLUSTER = new KubernetesClientBuilder().build();
    private static boolean definedByUs;

    @BeforeAll
    static void prepare() {
        List.of(NAMESPACE, SANDBOXES)
                .forEach(name -> CLUSTER.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                        .create());
        GenericKubernetesResource definition = Chart.resources(SERVICE_MONITORS).getFirst();
        definedByUs = CLUSTER.resource(definition).get() == null;
        if (definedByUs) {
            CLUSTER.resource(definition).create();
            Await.until(
                    "the API of service monitors",
                    InstalledChart.PATIENCE,
                    () -> CLUSTER.getApiResources("monitoring.coreos.com/v1") != null);
        }
    }

    @AfterAll
    static void cleanUp() {
        if (definedByUs) {
            CLUSTER.resource(Chart.resources(SERVICE_MONITORS).getFirst()).delete();
        }
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
        List<GenericKubernetesResource> resources = Chart.resources(template.call());
        assertThat(resources).extracting(GenericKubernetesResource::getKind).contains("Deployment", "Service");
        assertThat(resources).allSatisfy(resource -> {
            GenericKubernetesResource taken =
                    CLUSTER.resource(resource).dryRun().create();
            assertThat(taken.getMetadata().getUid()).isNotBlank();
            if (resource.getKind().equals("ServiceMonitor")) {
                assertThat(taken.<Object>get("spec")).as("nothing unknown").isEqualTo(resource.get("spec"));
            }
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
                .waitUntilReady(InstalledChart.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        try (LocalPortForward forward =
                CLUSTER.services().inNamespace(PLAIN).withName(PLAIN).portForward(8000)) {
            Api api = new Api(forward.getLocalPort());
            assertThat(api.get("/ready").status()).isEqualTo(200);
            assertThat(api.run("print(6 * 7)").stdout()).isEqualTo("42\n");
        }
    }
}
