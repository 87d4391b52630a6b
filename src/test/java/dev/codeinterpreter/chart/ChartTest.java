package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import dev.codeinterpreter.harness.Markdown;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {

    @Test
    void hasNothingToComplainAbout() {
        LintResult result = Chart.helm().lint().strict().quiet().call();
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    }

    /** Beside the pod of helm test, a hook, which a template does not show. */
    @Test
    void rendersTheseAndNoOthersByDefault() {
        assertThat(Chart.rendered(Map.of()))
                .extracting(resource ->
                        resource.getKind() + " " + resource.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "ServiceAccount ci-code-interpreter",
                        "Role ci-code-interpreter",
                        "RoleBinding ci-code-interpreter",
                        "NetworkPolicy ci-code-interpreter-sandboxes",
                        "Service ci-code-interpreter",
                        "Deployment ci-code-interpreter");
    }

    @ParameterizedTest
    @CsvSource({
        "networkPolicy.enabled, NetworkPolicy, 2",
        "podDisruptionBudget.enabled, PodDisruptionBudget, 1",
        "ingress.enabled, Ingress, 1",
        "configMap.create, ConfigMap, 1",
        "secret.create, Secret, 1",
        "metrics.serviceMonitor.enabled, ServiceMonitor, 1",
        "metrics.prometheusRule.enabled, PrometheusRule, 1",
        "metrics.dashboard.enabled, ConfigMap, 1",
        "storage.claim.create, PersistentVolumeClaim, 1",
        "prePull.enabled, DaemonSet, 1",
        "sandboxPriorityClass.create, PriorityClass, 1",
    })
    void rendersTheRestWhenAsked(String value, String kind, int count) {
        assertThat(Chart.rendered(Map.of(value, true)))
                .filteredOn(resource -> resource.getKind().equals(kind))
                .hasSize(count);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.chart.Chart#valueFiles")
    void rendersWithTheseValues(Path values) {
        List<GenericKubernetesResource> resources = Chart.rendered(values);
        assertThat(resources).extracting(GenericKubernetesResource::getKind).contains("Deployment", "Service", "Role");
        assertThat(resources).allSatisfy(resource -> {
            assertThat(resource.getApiVersion()).isNotBlank();
            assertThat(resource.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/instance", "ci")
                    .containsEntry("app.kubernetes.io/name", "code-interpreter");
        });
        assertThat(resources)
                .extracting(resource ->
                        resource.getKind() + " " + resource.getMetadata().getName())
                .doesNotHaveDuplicates();
    }

    @Test
    void rendersEachOfItsObjectsWithEverything() {
        assertThat(Chart.rendered(Chart.DIRECTORY.resolve("ci/everything-values.yaml")))
                .extracting(GenericKubernetesResource::getKind)
                .containsOnly(
                        "ConfigMap",
                        "DaemonSet",
                        "Deployment",
                        "HorizontalPodAutoscaler",
                        "Ingress",
                        "LimitRange",
                        "NetworkPolicy",
                        "PersistentVolumeClaim",
                        "PodDisruptionBudget",
                        "PriorityClass",
                        "PrometheusRule",
                        "ResourceQuota",
                        "Role",
                        "RoleBinding",
                        "Secret",
                        "Service",
                        "ServiceAccount",
                        "ServiceMonitor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/KUBERNETES.md"})
    void takesTheValuesWithWhichDocumentsInstallIt(String document) {
        Map<String, Object> values = Markdown.of(document).blocks().stream()
                .filter(block -> block.code().contains("helm install"))
                .flatMap(block -> Pattern.compile("--set (\\S+)=(\\S+)")
                        .matcher(block.code())
                        .results())
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));
        assertThat(values).hasSize(2);
        assertThat(Chart.rendered(values).toString()).contains(values.values().toArray(String[]::new));
    }

    @Test
    void countsNothingButSandboxesInAQuota() {
        List<GenericKubernetesResource> resources = Chart.rendered(Map.of(
                "executorResourceQuota.enabled", true,
                "executorResourceQuota.limitRange.enabled", true,
                "codeInterpreter.kubernetesExecutor.namespace", "there"));
        assertThat(namespace(resources, "ResourceQuota")).isEqualTo("there");
        assertThat(namespace(resources, "LimitRange")).isEqualTo("there");
        assertThat(namespace(resources, "Role")).isEqualTo("there");
        assertThat(namespace(resources, "Deployment")).isEqualTo("here");
    }

    @Test
    void permitsNoMoreThanTheServiceDoes() {
        GenericKubernetesResource role = one(Chart.rendered(Map.of()), "Role");
        assertThat(role.<Object>get("rules"))
                .isEqualTo(List.of(
                        Map.of(
                                "apiGroups", List.of(""),
                                "resources", List.of("pods"),
                                "verbs", List.of("create", "get", "list", "watch", "delete")),
                        Map.of(
                                "apiGroups", List.of(""),
                                "resources", List.of("pods/exec"),
                                "verbs", List.of("create", "get")),
                        Map.of(
                                "apiGroups", List.of(""),
                                "resources", List.of("events"),
                                "verbs", List.of("list")),
                        Map.of(
                                "apiGroups", List.of("apps"),
                                "resources", List.of("deployments"),
                                "resourceNames", List.of("ci-code-interpreter"),
                                "verbs", List.of("get"))));
    }

    @Test
    void locksTheServiceIn() {
        GenericKubernetesResource deployment = one(Chart.rendered(Map.of()), "Deployment");
        Map<String, Object> pod = deployment.get("spec", "template", "spec", "securityContext");
        assertThat(pod)
                .containsEntry("runAsNonRoot", true)
                .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
        Map<String, Object> container = container(deployment);
        assertThat(container.get("securityContext"))
                .isEqualTo(Map.of(
                        "runAsNonRoot",
                        true,
                        "runAsUser",
                        1000,
                        "allowPrivilegeEscalation",
                        false,
                        "readOnlyRootFilesystem",
                        true,
                        "capabilities",
                        Map.of("drop", List.of("ALL"))));
        assertThat(container).containsKeys("startupProbe", "livenessProbe", "readinessProbe", "lifecycle");
    }

    /** The pod of helm test has labels that none of these selectors has: neither clients nor a drain are to meet it. */
    @Test
    void selectsNothingButTheServicesPods() {
        Rendered rendered = Rendered.with(
                "{podDisruptionBudget: {enabled: true}, networkPolicy: {enabled: true}, prePull: {enabled: true}}");
        Object labels = rendered.at("Deployment", "spec selector matchLabels");
        assertThat(rendered.at("Service", "spec selector")).isEqualTo(labels);
        assertThat(rendered.at("PodDisruptionBudget", "spec selector matchLabels"))
                .isEqualTo(labels);
        assertThat(rendered.at("NetworkPolicy/ci-code-interpreter", "spec podSelector matchLabels"))
                .isEqualTo(labels);
        assertThat(rendered.at("Pod", "metadata labels app.kubernetes.io/name")).isEqualTo("code-interpreter-test");
        assertThat(rendered.at("DaemonSet", "spec template metadata labels app.kubernetes.io/name"))
                .isEqualTo("code-interpreter-pre-pull");
    }

    @ParameterizedTest
    @CsvSource({"1.20.2, autoscaling/v2beta2", "1.22.9, autoscaling/v2beta2", "1.23.0, autoscaling/v2"})
    void scalesByWhatTheClusterHas(String version, String api) {
        List<GenericKubernetesResource> resources = Chart.resources(Chart.helm()
                .template()
                .withName("ci")
                .withKubeVersion(version)
                .set("autoscaling.enabled", true)
                .set("autoscaling.maxReplicas", 1)
                .call());
        assertThat(one(resources, "HorizontalPodAutoscaler").getApiVersion()).isEqualTo(api);
    }

    @Test
    void letsNobodyTalkToSandboxes() {
        GenericKubernetesResource policy = one(Chart.rendered(Map.of()), "NetworkPolicy");
        assertThat(policy.<Object>get("spec", "podSelector", "matchLabels"))
                .isEqualTo(Map.of("code-interpreter.component", "sandbox"));
        assertThat(policy.<Object>get("spec", "policyTypes")).isEqualTo(List.of("Ingress", "Egress"));
        assertThat(policy.<Object>get("spec", "ingress")).isEqualTo(List.of());
        assertThat(policy.<Object>get("spec", "egress")).isEqualTo(List.of());
    }

    private static Map<String, Object> container(GenericKubernetesResource deployment) {
        List<Map<String, Object>> containers = deployment.get("spec", "template", "spec", "containers");
        return containers.getFirst();
    }

    private static String namespace(List<GenericKubernetesResource> resources, String kind) {
        return one(resources, kind).getMetadata().getNamespace();
    }

    private static GenericKubernetesResource one(List<GenericKubernetesResource> resources, String kind) {
        List<GenericKubernetesResource> found = resources.stream()
                .filter(resource -> resource.getKind().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.getFirst();
    }
}
