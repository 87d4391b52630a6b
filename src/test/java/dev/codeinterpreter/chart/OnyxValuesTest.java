package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@code ci/onyx-values.yaml} has every value of Onyx's chart 0.4.8, so that the other tests render it, and submit it to an
 * API server.
 */
class OnyxValuesTest {
    static final Path VALUES = Chart.DIRECTORY.resolve("ci/onyx-values.yaml");
    private static final String EXECUTOR = "codeInterpreter.kubernetesExecutor.";

    private static final List<String> KEYS = """
            replicaCount
            image.repository image.pullPolicy image.tag
            imagePullSecrets nameOverride fullnameOverride
            serviceAccount.create serviceAccount.automount serviceAccount.annotations serviceAccount.name
            podAnnotations podLabels podSecurityContext securityContext
            service.type service.port service.targetPort service.annotations service.nodePort
            ingress.enabled ingress.className ingress.annotations ingress.hosts ingress.tls
            resources volumes volumeMounts nodeSelector tolerations affinity
            codeInterpreter.maxExecTimeoutMs codeInterpreter.maxOutputBytes codeInterpreter.cpuTimeLimitSec
            codeInterpreter.memoryLimitMb codeInterpreter.host codeInterpreter.port
            .namespace .image .imagePullPolicy .readyTimeoutSec .serviceAccount .netAdminLockdown .setOwnerReferences
            .securityContext.mode .securityContext.runAsUser .securityContext.runAsGroup .securityContext.fsGroup
            .securityContext.readOnlyRootFilesystem
            .podResources.limits.cpu .podResources.limits.memory .podResources.requests.cpu .podResources.requests.memory
            .workspaceSizeLimit .tmpSizeLimit
            .pod.nodeSelector .pod.tolerations .pod.affinity .pod.topologySpreadConstraints .pod.priorityClassName
            .pod.runtimeClassName .pod.labels .pod.annotations
            rbac.create rbac.additionalRules configMap.create configMap.data secret.create secret.data
            livenessProbe readinessProbe
            networkPolicy.enabled networkPolicy.policyTypes networkPolicy.ingress networkPolicy.egress
            extraEnvVars extraEnvFrom
            capacity.maxConcurrentExecutions capacity.queueTimeoutSec capacity.retryAfterSec capacity.capacityRetryAfterSec
            executorResourceQuota.enabled executorResourceQuota.allowReleaseNamespace executorResourceQuota.hard
            executorResourceQuota.scopes executorResourceQuota.limitRange.enabled
            executorResourceQuota.limitRange.defaultRequest executorResourceQuota.limitRange.default
            metrics.serviceMonitor.enabled metrics.serviceMonitor.interval metrics.serviceMonitor.scrapeTimeout
            metrics.serviceMonitor.labels
            fileStorage.shared
            """.lines()
            .flatMap(line -> List.of(line.split(" ")).stream())
            .map(key -> key.startsWith(".") ? EXECUTOR + key.substring(1) : key)
            .toList();

    @Test
    void areAllThere() throws IOException {
        assertThat(ChartValues.leaves(ChartValues.yaml(Files.readString(VALUES))))
                .containsExactlyInAnyOrderElementsOf(KEYS);
    }

    /** What a release of theirs relies on besides the objects: its own volumes, and its own environment. */
    @Test
    void doTogetherWhatTheyDoThere() throws IOException {
        Rendered rendered = Rendered.with(Files.readString(VALUES));
        assertThat(rendered.at("Deployment", "spec replicas")).isEqualTo(2);
        List<?> mounts =
                (List<?>) requireNonNull(rendered.at("Deployment", "spec template spec containers 0 volumeMounts"));
        assertThat(mounts.stream().map(mount -> String.valueOf(((Map<?, ?>) mount).get("mountPath"))))
                .containsExactly("/var/lib/code-interpreter", "/tmp", "/tmp/code-interpreter-files");
        assertThat(rendered.environment("FILE_STORAGE_DIR")).isNull();
        assertThat(rendered.environment("MAX_CONCURRENT_EXECUTIONS")).isEqualTo("8");
        assertThat(rendered.environment("EXTRA_VAR")).isEqualTo("1000000");
        assertThat(rendered.environment("KUBERNETES_EXECUTOR_RUN_AS_USER")).isEqualTo("65532");
        assertThat(rendered.environment("KUBERNETES_EXECUTOR_POD_OVERRIDES")).isNull();
        assertThat(rendered.environment("KUBERNETES_EXECUTOR_POD_RESOURCES"))
                .isEqualTo(
                        "{\"limits\":{\"cpu\":\"5\",\"ephemeral-storage\":\"64Mi\"},\"requests\":{\"cpu\":\"100m\",\"ephemeral-storage\":\"16Mi\",\"memory\":\"64Mi\"}}");
        assertThat(rendered.at("NetworkPolicy/onyx-code-interpreter", "spec ingress"))
                .isNull();
    }
}
