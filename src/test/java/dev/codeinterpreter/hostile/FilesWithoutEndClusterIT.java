package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * In a pod the number of files has no limit but the memory that they take, see docs/THREAT_MODEL.md: a program that makes
 * files without end loses its pod. Nobody else loses anything, and its client is told.
 */
@Timeout(120)
class FilesWithoutEndClusterIT {
    private static final String PROGRAM = """
            n = 0
            while True:
                open(str(n), 'w').close(); n += 1
            """;

    @Test
    void endTheirOwnPodOnly() throws IOException {
        try (ServiceProcess service = ServiceProcess.start(Map.of("MEMORY_LIMIT_MB", "64"))) {
            Footprint footprint = Footprint.of(service);
            Canary canary = Canary.begin(service.api());
            Answer answer = service.api().execute(Program.of(PROGRAM).timeoutMs(60_000));
            canary.requireAlive();
            assertThat(answer.status()).as(answer.body()).isEqualTo(503);
            assertThat(answer.body()).contains("sandbox lost");
            assertThat(answer.header("retry-after")).isPresent();
            footprint.requireUnchanged();
        }
    }
}
