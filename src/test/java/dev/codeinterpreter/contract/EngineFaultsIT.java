package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.SilentEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine that is not there, hangs or lacks the image: said at once, with a word when to come back and none about it. */
@Timeout(90)
class EngineFaultsIT {
    /** Three seconds are promised; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(5);

    @Test
    void saysThatThereIsNoEngine() {
        try (ServiceProcess service = ServiceProcess.start(Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock"))) {
            assertUnavailable(service, "engine unreachable");
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    @Test
    void saysThatTheEngineHangs() throws IOException {
        try (SilentEngine engine = new SilentEngine();
                ServiceProcess service = ServiceProcess.start(Map.of("DOCKER_HOST", engine.address()))) {
            assertUnavailable(service, "engine unreachable");
        }
    }

    @Test
    void saysThatTheImageIsMissing() {
        try (ServiceProcess service =
                ServiceProcess.start(Map.of("PYTHON_EXECUTOR_DOCKER_IMAGE", "registry.invalid:5000/no-such-image"))) {
            assertUnavailable(service, "image missing");
            assertThat(service.engine().sandboxes()).isEmpty();
        }
    }

    private static void assertUnavailable(ServiceProcess service, String reason) {
        long start = System.nanoTime();
        Answer answer = service.api().execute(Program.of("print(1)"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.header("retry-after")).contains("10");
        assertThat(answer.detail()).matches("Executor capacity unavailable \\(" + reason + "\\): [a-z ]+\\.");

        long asked = System.nanoTime();
        Answer ready = service.api().get("/ready");
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(PROMPT);
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.json().getString("status")).isEqualTo("error");
        assertThat(ready.body()).doesNotContain("docker.sock", "nowhere", "java.");

        Answer health = service.api().get("/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.json().getString("status")).isEqualTo("error");

        assertThat(service.api().content(service.api().upload("x", "files need no engine")))
                .isEqualTo("files need no engine");
    }
}
