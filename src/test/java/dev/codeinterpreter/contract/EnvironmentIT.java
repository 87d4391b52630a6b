package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.ServiceProcess;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values with which the service does not start, and how it says so. */
@Timeout(60)
class EnvironmentIT {

    @Test
    void namesEveryBadVariableInALineOfItsOwn() {
        Map<String, String> bad = new TreeMap<>(Map.of(
                "MAX_EXEC_TIMEOUT_MS", "0",
                "MAX_OUTPUT_BYTES", "many",
                "CPU_TIME_LIMIT_SEC", "1.5",
                "MEMORY_LIMIT_MB", "-1",
                "MAX_FILE_SIZE_MB", "0",
                "FILE_TTL_SEC", "0",
                "MAX_CONCURRENT_EXECUTIONS", "0",
                "PIDS_LIMIT", "-1",
                "WORKSPACE_SIZE_LIMIT", "unlimited"));
        bad.put("EXECUTOR_BACKEND", "podman");
        bad.put("DOCKER_HOST", "ssh://somewhere");
        bad.put("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--privileged");
        bad.put("LOG_FORMAT", "xml");
        ServiceProcess.End end = ServiceProcess.startAndEnd(bad);
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);

        assertThat(lines(end).map(line -> line.replaceFirst("[ :].*", "")))
                .as(end.log())
                .containsExactlyInAnyOrderElementsOf(bad.keySet());
        assertThat(end.log()).contains("--privileged", "podman", "ssh://somewhere");
    }

    @ParameterizedTest
    @CsvSource({
        "PORT,70000",
        "PORT,http",
        "PORT,-1",
        "LOG_FORMAT,xml",
        "MAX_EXEC_TIMEOUT_MS,1e3",
        "BACKEND_CHECK_TIMEOUT_SEC,NaN",
        "PYTHON_EXECUTOR_DOCKER_IMAGE,a b"
    })
    void refusesToStartWith(String variable, String value) {
        ServiceProcess.End end = ServiceProcess.startAndEnd(Map.of(variable, value));
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);
        assertThat(lines(end)).singleElement().asString().startsWith(variable + " must be ");
    }

    @Test
    void takesEmptyValuesForTheDefaults() {
        Map<String, String> empty = Map.of(
                "EXECUTOR_BACKEND",
                "",
                "LOG_LEVEL",
                "",
                "MAX_EXEC_TIMEOUT_MS",
                "",
                "MEMORY_LIMIT_MB",
                "",
                "PYTHON_EXECUTOR_DOCKER_IMAGE",
                "",
                "WORKSPACE_SIZE_LIMIT",
                "",
                "FILE_TTL_SEC",
                "");
        try (ServiceProcess service = ServiceProcess.start(empty)) {
            assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        }
    }

    @Test
    void understandsWordsInAnyCaseAndWarnsOfAnUnknownLogLevel() {
        try (ServiceProcess service =
                ServiceProcess.start(Map.of("EXECUTOR_BACKEND", "Docker", "LOG_LEVEL", "chatty"))) {
            assertThat(service.api().get("/ready").status()).isEqualTo(200);
            assertThat(service.log()).contains("WARNING").contains("CHATTY");
        }
    }

    /** What it said, but for the log of what went well before. */
    private static Stream<String> lines(ServiceProcess.End end) {
        return end.log().lines().filter(line -> !line.contains(" INFO "));
    }
}
