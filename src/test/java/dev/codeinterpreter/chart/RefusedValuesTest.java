package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that the chart does not take: each with a sentence, or by its schema. */
class RefusedValuesTest {

    /** Two names of one value, and both set, whatever they are set to. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pod.nodeSelector | {a: b} | podOverrides.nodeSelector | {a: b}",
                "pod.tolerations | [{operator: Exists}] | podOverrides.tolerations | [{operator: Exists}]",
                "pod.affinity | {nodeAffinity: {}} | podOverrides.affinity | {nodeAffinity: {}}",
                "pod.topologySpreadConstraints | [{maxSkew: 1}] | podOverrides.topologySpreadConstraints | [{maxSkew: 1}]",
                "pod.priorityClassName | a | podOverrides.priorityClassName | b",
                "pod.runtimeClassName | a | podOverrides.runtimeClassName | b",
                "pod.labels | {a: b} | podOverrides.labels | {c: d}",
                "pod.annotations | {a: b} | podOverrides.annotations | {c: d}",
                "securityContext.runAsUser | 5 | runAsUser | 5",
                "securityContext.runAsGroup | 5 | runAsGroup | 6",
                "securityContext.fsGroup | 5 | fsGroup | 5",
                "securityContext.readOnlyRootFilesystem | true | readOnlyRootFilesystem | false",
            })
    void refusesOneValueUnderTwoNames(String name, String value, String older, String olderValue) {
        String executor = "codeInterpreter: {kubernetesExecutor: {%s}}";
        String sentence =
                "codeInterpreter.kubernetesExecutor.%s and codeInterpreter.kubernetesExecutor.%s are two names of one value, and both are set: leave one away"
                        .formatted(name, older);
        assertThatThrownBy(
                        () -> Rendered.with(executor.formatted(nested(name, value) + ", " + nested(older, olderValue))))
                .hasMessageContaining(sentence);
        assertThatCode(() -> Rendered.with(executor.formatted(nested(name, value))))
                .doesNotThrowAnyException();
        assertThatCode(() -> Rendered.with(executor.formatted(nested(older, olderValue))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"enabled, true", "interval, 30s", "labels, {a: b}"})
    void refusesBothServiceMonitors(String name, String value) {
        assertThatThrownBy(() -> Rendered.with("{metrics: {serviceMonitor: {%1$s: %2$s}}, serviceMonitor: {%1$s: %2$s}}"
                        .formatted(name, value)))
                .hasMessageContaining("metrics.serviceMonitor.%1$s and serviceMonitor.%1$s are two names", name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{replicaCount: 2} | fileStorage is local, so a file is found only by the replica that took it, and there would be 2 replicas: keep one, or set fileStorage to perReplica",
                "{replicaCount: 2, fileStorage: {shared: false}} | fileStorage is local",
                "{autoscaling: {enabled: true}} | there would be 5 replicas",
                "{replicaCount: 2, fileStorage: perReplica, storage: {existingClaim: x}} | storage.existingClaim belongs to one process at a time",
                "{replicaCount: 2, fileStorage: perReplica, storage: {claim: {create: true}}} | storage.claim belongs to one process at a time",
                "{replicaCount: 2, fileStorage: shared, storage: {claim: {create: true}}} | storage.claim.accessModes lacks ReadWriteMany",
                "{fileStorage: shared, storage: {claim: {create: true}}, strategy: {type: RollingUpdate}} | strategy.type is RollingUpdate",
                "{replicaCount: 2, fileStorage: s3} | fileStorage is s3, and no bucket is given: set s3.bucket",
                "{fileStorage: s3, s3: {bucket: b}, storage: {existingClaim: x}} | fileStorage is s3, and the claim of storage would hold no files",
                "{storage: {existingClaim: x, claim: {create: true}}} | storage.claim.create and storage.existingClaim are both set",
                "{storage: {existingClaim: x}, strategy: {type: RollingUpdate}} | strategy.type is RollingUpdate, with which the next pod would start while",
                "{storage: {existingClaim: x}, volumeMounts: [{name: x, mountPath: /var/lib/code-interpreter}]} | the mount at /var/lib/code-interpreter and the claim of storage are both for the files",
                "{volumes: [{name: x}], extraVolumes: [{name: x}]} | a pod has one volume named x",
                "{volumes: [{name: code-interpreter-files}]} | a pod has one volume named code-interpreter-files",
                "{storage: {existingClaim: x}, strategy: {rollingUpdate: {maxSurge: 1}}} | strategy.type is RollingUpdate",
                "{volumeMounts: [{name: x, mountPath: /x}], extraVolumeMounts: [{name: y, mountPath: /x/}]} | have two mounts at /x",
                "{service: {type: ExternalName}} | set service.externalName to its name",
                "{service: {targetPort: 9001}} | service.targetPort is 9001, and no container of the pod listens there",
                "{codeInterpreter: {kubernetesExecutor: {securityContext: {mode: platform}, netAdminLockdown: true}}} | Leave the lockdown away",
                "{codeInterpreter: {kubernetesExecutor: {securityContext: {mode: platform}, fsGroup: 5}}} | securityContext.mode is platform, which leaves ids to the cluster, and codeInterpreter.kubernetesExecutor.fsGroup is set",
                "{executorResourceQuota: {enabled: true}} | executorResourceQuota counts every pod of its namespace",
            })
    void saysWhatCannotBeMeant(String values, String sentence) {
        assertThatThrownBy(() -> Rendered.with(values)).hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "replicas, 2",
        "image.name, x",
        "service.ports, 8000",
        "storage.size, 1Gi",
        "storage.claim.class, x",
        "networkPolicy.rules, x",
        "autoscaling.max, 3",
        "capacity.max, 3",
        "fileStorage.mode, x",
        "metrics.enabled, true",
        "metrics.serviceMonitor.path, x",
        "serviceMonitor.scrapeTimeout, 5s",
        "codeInterpreter.timeout, 1000",
        "codeInterpreter.cpuLimit, 2",
        "codeInterpreter.kubernetesExecutor.privileged, true",
        "codeInterpreter.kubernetesExecutor.securityContext.privileged, true",
        "codeInterpreter.kubernetesExecutor.podOverrides.hostNetwork, true",
        "codeInterpreter.kubernetesExecutor.pod.hostNetwork, true",
        "codeInterpreter.kubernetesExecutor.podResources.claims, true",
    })
    void refusesAValueThatItDoesNotKnow(String key, String value) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(key, value)))
                .hasMessageContaining(key.substring(key.lastIndexOf('.') + 1));
    }

    @ParameterizedTest
    @CsvSource({
        "replicaCount, two",
        "replicaCount, -1",
        "fileStorage, everywhere",
        "fileStorage.shared, sometimes",
        "s3.pathStyle, sometimes",
        "s3.endpoint, minio",
        "global.imageRegistry, 5",
        "image.pullPolicy, Sometimes",
        "image.repository, 5",
        "image.digest, latest",
        "imagePullSecrets, pull",
        "commonLabels, x",
        "serviceAccount.create, perhaps",
        "service.type, Headless",
        "service.port, http",
        "service.ipFamilies, IPv6",
        "service.externalTrafficPolicy, Everywhere",
        "tolerations, x",
        "strategy, Recreate",
        "revisionHistoryLimit, many",
        "resources, much",
        "terminationGracePeriodSeconds, long",
        "storage.sizeLimit, true",
        "storage.claim.accessModes, ReadWriteOnce",
        "capacity.maxConcurrentExecutions, many",
        "codeInterpreter.memoryLimitMb, 256Mi",
        "codeInterpreter.maxExecTimeoutMs, 0",
        "codeInterpreter.port, x",
        "codeInterpreter.logFormat, xml",
        "codeInterpreter.warmPoolSize, -1",
        "codeInterpreter.kubernetesExecutor.runAsUser, root",
        "codeInterpreter.kubernetesExecutor.securityContext.mode, free",
        "codeInterpreter.kubernetesExecutor.securityContext.runAsUser, root",
        "codeInterpreter.kubernetesExecutor.readOnlyRootFilesystem, sometimes",
        "codeInterpreter.kubernetesExecutor.podResources.limits, none",
        "autoscaling.maxReplicas, many",
        "podDisruptionBudget.enabled, 1",
        "serviceMonitor.labels, x",
        "metrics.serviceMonitor.labels, x",
        "extraEnvVars, x",
    })
    void refusesAValueOfAnotherType(String key, String value) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(key, value)))
                .hasMessageContaining(key.substring(key.lastIndexOf('.') + 1));
    }

    @Test
    void refusesAVariableWithoutAName() {
        assertThatThrownBy(() -> Rendered.with("extraEnvVars: [{value: 30}]")).hasMessageContaining("name");
    }

    /** {@code a.b} and a value as YAML of one line. */
    private static String nested(String path, String value) {
        int dot = path.indexOf('.');
        return dot < 0
                ? "%s: %s".formatted(path, value)
                : "%s: {%s}".formatted(path.substring(0, dot), nested(path.substring(dot + 1), value));
    }
}
