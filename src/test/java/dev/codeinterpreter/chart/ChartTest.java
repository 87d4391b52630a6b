package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.LintResult;
import dev.codeinterpreter.harness.Markdown;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.nio.file.Path;
import java.util.HashMap;
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
        "serviceMonitor.enabled, ServiceMonitor, 1",
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
                        "PodDisruptionBudget",
                        "PriorityClass",
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
    void refusesSeveralReplicasWhileAFileIsInOneOfThem() {
        assertThatThrownBy(() -> Chart.rendered(Map.of("replicaCount", 2)))
                .hasMessageContaining("fileStorage is local, so a file is found only by the replica that took it, "
                        + "and there would be 2 replicas: keep one, or set fileStorage to perReplica");
        assertThatThrownBy(() -> Chart.rendered(Map.of("autoscaling.enabled", true)))
                .hasMessageContaining("there would be 5 replicas");
        assertThatThrownBy(() -> Chart.rendered(
                        Map.of("replicaCount", 2, "fileStorage", "perReplica", "storage.existingClaim", "files")))
                .hasMessageContaining("storage.existingClaim belongs to one process at a time");
    }

    @Test
    void keepsEachClientAtOneReplicaWhenTheyHaveTheirOwnFiles() {
        List<GenericKubernetesResource> resources = Chart.rendered(
                Map.of("replicaCount", 2, "fileStorage", "perReplica", "podDisruptionBudget.enabled", true));
        assertThat(one(resources, "Deployment").<Integer>get("spec", "replicas"))
                .isEqualTo(2);
        assertThat(one(resources, "Service").<String>get("spec", "sessionAffinity"))
                .isEqualTo("ClientIP");
        assertThat(one(Chart.rendered(Map.of()), "Service").<String>get("spec", "sessionAffinity"))
                .isEqualTo("None");
    }

    @Test
    void tellsPrometheusWhereToLook() {
        assertThat(one(Chart.rendered(Map.of("serviceMonitor.enabled", true)), "ServiceMonitor")
                        .<Object>get("spec"))
                .isEqualTo(Map.of(
                        "selector",
                        Map.of(
                                "matchLabels",
                                Map.of(
                                        "app.kubernetes.io/name",
                                        "code-interpreter",
                                        "app.kubernetes.io/instance",
                                        "ci")),
                        "endpoints",
                        List.of(Map.of("port", "http", "path", "/metrics", "interval", "30s"))));
    }

    /** A variable is text, however it was written. */
    @Test
    void takesNumbersForVariables() {
        GenericKubernetesResource variables = one(
                Chart.rendered(Map.of("configMap.create", true, "configMap.data.A", 1000000, "configMap.data.B", true)),
                "ConfigMap");
        assertThat(variables.<Object>get("data")).isEqualTo(Map.of("A", "1000000", "B", "true"));
    }

    @Test
    void endsTheOldPodBeforeTheNextOneTakesItsClaim() {
        assertThat(one(Chart.rendered(Map.of("storage.existingClaim", "files")), "Deployment")
                        .<String>get("spec", "strategy", "type"))
                .isEqualTo("Recreate");
    }

    @Test
    void countsNothingButSandboxesInAQuota() {
        assertThatThrownBy(() -> Chart.rendered(Map.of("executorResourceQuota.enabled", true)))
                .hasMessageContaining("executorResourceQuota counts every pod of its namespace");
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

    @Test
    void letsNobodyTalkToSandboxes() {
        GenericKubernetesResource policy = one(Chart.rendered(Map.of()), "NetworkPolicy");
        assertThat(policy.<Object>get("spec", "podSelector", "matchLabels"))
                .isEqualTo(Map.of("code-interpreter.component", "sandbox"));
        assertThat(policy.<Object>get("spec", "policyTypes")).isEqualTo(List.of("Ingress", "Egress"));
        assertThat(policy.<Object>get("spec", "ingress")).isEqualTo(List.of());
        assertThat(policy.<Object>get("spec", "egress")).isEqualTo(List.of());
    }

    @Test
    void tellsTheServiceWhatIsSet() {
        assertThat(environment(Map.of()))
                .containsEntry("EXECUTOR_BACKEND", "kubernetes")
                .containsEntry("MAX_OUTPUT_BYTES", "1000000")
                .containsEntry("MAX_EXEC_TIMEOUT_MS", "60000")
                .containsEntry("KUBERNETES_EXECUTOR_NAMESPACE", "here")
                .containsEntry("KUBERNETES_OWNER_DEPLOYMENT_NAME", "ci-code-interpreter")
                .containsKeys("POD_NAME", "POD_UID", "KUBERNETES_OWN_NAMESPACE")
                .doesNotContainKeys(
                        "KUBERNETES_EXECUTOR_RUN_AS_USER",
                        "KUBERNETES_EXECUTOR_POD_RESOURCES",
                        "KUBERNETES_EXECUTOR_POD_OVERRIDES");
        assertThat(environment(Map.of(
                        "codeInterpreter.kubernetesExecutor.runAsUser", 3000000000L,
                        "codeInterpreter.kubernetesExecutor.podResources.limits.cpu", "2",
                        "codeInterpreter.kubernetesExecutor.podResources.limits.memory", "256Mi",
                        "codeInterpreter.kubernetesExecutor.podOverrides.nodeSelector.pool", "sandboxes",
                        "codeInterpreter.maxOutputBytes", "2000000")))
                .containsEntry("KUBERNETES_EXECUTOR_RUN_AS_USER", "3000000000")
                .containsEntry("KUBERNETES_EXECUTOR_POD_RESOURCES", "{\"limits\":{\"cpu\":2},\"requests\":{}}")
                .containsEntry("KUBERNETES_EXECUTOR_POD_OVERRIDES", "{\"nodeSelector\":{\"pool\":\"sandboxes\"}}")
                .containsEntry("MAX_OUTPUT_BYTES", "2000000");
    }

    @ParameterizedTest
    @CsvSource({
        "replicas, 2",
        "image.name, x",
        "service.ports, 8000",
        "storage.size, 1Gi",
        "networkPolicy.rules, x",
        "autoscaling.max, 3",
        "codeInterpreter.timeout, 1000",
        "codeInterpreter.kubernetesExecutor.privileged, true",
        "codeInterpreter.kubernetesExecutor.podOverrides.hostNetwork, true"
    })
    void refusesAValueThatItDoesNotKnow(String key, String value) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(key, value)))
                .hasMessageContaining(key.substring(key.lastIndexOf('.') + 1));
    }

    @ParameterizedTest
    @CsvSource({
        "replicaCount, two",
        "replicaCount, -1",
        "fileStorage, shared",
        "image.pullPolicy, Sometimes",
        "image.repository, 5",
        "imagePullSecrets, pull",
        "serviceAccount.create, perhaps",
        "service.type, ExternalName",
        "service.port, http",
        "tolerations, x",
        "resources, much",
        "terminationGracePeriodSeconds, long",
        "storage.sizeLimit, true",
        "codeInterpreter.memoryLimitMb, 256Mi",
        "codeInterpreter.maxExecTimeoutMs, 0",
        "codeInterpreter.port, x",
        "codeInterpreter.kubernetesExecutor.runAsUser, root",
        "codeInterpreter.kubernetesExecutor.readOnlyRootFilesystem, sometimes",
        "codeInterpreter.kubernetesExecutor.podResources.limits, none",
        "autoscaling.maxReplicas, many",
        "podDisruptionBudget.enabled, 1",
        "serviceMonitor.labels, x",
        "extraEnvVars, x",
    })
    void refusesAValueOfAnotherType(String key, String value) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(key, value)))
                .hasMessageContaining(key.substring(key.lastIndexOf('.') + 1));
    }

    private static Map<String, String> environment(Map<String, Object> values) {
        Map<String, String> variables = new HashMap<>();
        List<?> list = (List<?>) requireNonNull(
                container(one(Chart.rendered(values), "Deployment")).get("env"));
        for (Object entry : list) {
            Map<?, ?> variable = (Map<?, ?>) entry;
            variables.put(String.valueOf(variable.get("name")), String.valueOf(variable.get("value")));
        }
        return variables;
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
