package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a release's notes say of values that are accepted and do not do what they seem to do. */
class WarningsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{codeInterpreter: {kubernetesExecutor: {podResources: {limits: {memory: 256Mi}}}}} | WARNING: codeInterpreter.kubernetesExecutor.podResources.limits.memory (256Mi) is ignored.",
                "{replicaCount: 2, fileStorage: perReplica, volumes: [{name: v, persistentVolumeClaim: {claimName: x}}], volumeMounts: [{name: v, mountPath: /tmp/code-interpreter-files}]} | WARNING: the volume v is the directory of the files for 2 replicas, and with fileStorage: perReplica one process uses it",
                "{replicaCount: 2, fileStorage: perReplica, extraVolumes: [{name: v, nfs: {server: x, path: /}}], extraVolumeMounts: [{name: v, mountPath: /x/}], extraEnvVars: [{name: FILE_STORAGE_DIR, value: /x/files}]} | WARNING: the volume v is the directory",
                "{autoscaling: {enabled: true}, fileStorage: perReplica, volumes: [{name: v, hostPath: {path: /}}], volumeMounts: [{name: v, mountPath: /x}], configMap: {create: true, data: {FILE_STORAGE_DIR: /x}}} | WARNING: the volume v is the directory of the files for 5 replicas",
            })
    void areGiven(String values, String warning, @TempDir Path directory) throws IOException {
        assertThat(notes(values, directory)).contains(warning);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{codeInterpreter: {memoryLimitMb: 512}}",
                "{replicaCount: 1, storage: {existingClaim: x}}",
                "{replicaCount: 2, fileStorage: shared}",
                "{replicaCount: 3, fileStorage: shared, storage: {existingClaim: x}}",
                "{replicaCount: 2, fileStorage: s3, s3: {bucket: b}}",
                "{replicaCount: 2, fileStorage: shared, volumes: [{name: v, persistentVolumeClaim: {claimName: x}}], volumeMounts: [{name: v, mountPath: /x, subPathExpr: $(POD_NAME)}], extraEnvVars: [{name: FILE_STORAGE_DIR, value: /x}]}",
            })
    void areNotGivenWithoutNeed(String values, @TempDir Path directory) throws IOException {
        assertThat(notes(values, directory)).contains("The service listens").doesNotContain("WARNING");
    }

    private static String notes(String values, Path directory) throws IOException {
        return Chart.helm()
                .install()
                .withName("ci")
                .withNamespace("here")
                .withKubeVersion("1.30.0")
                .clientOnly()
                .dryRun()
                .withValuesFile(Files.writeString(directory.resolve("values.yaml"), values))
                .call()
                .getOutput();
    }
}
