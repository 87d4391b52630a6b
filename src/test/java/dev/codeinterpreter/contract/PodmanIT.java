package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Podman's service in place of an engine, as {@code dev/test --engines} starts one: nothing is launched there. */
@Timeout(60)
@EnabledIfSystemProperty(named = "docker.podman", matches = "true", disabledReason = "the engine is no Podman")
class PodmanIT {
    private static final String PROBLEM =
            "the container engine is Podman, which ignores limits that a sandbox needs: use a Docker Engine";

    @Test
    void isRefusedInASentence() {
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            Answer ready = service.api().get("/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.json().getString("message")).isEqualTo(PROBLEM);
            Answer refused = service.api().execute(Program.of("print(1)"));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().getString("detail")).contains(PROBLEM);
            assertThat(service.engine().sandboxes()).isEmpty();
        }
    }
}
