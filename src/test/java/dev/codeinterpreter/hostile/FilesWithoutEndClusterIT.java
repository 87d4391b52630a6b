package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * In a pod the number of files has no limit but the memory that they take, see docs/THREAT_MODEL.md: a program that makes
 * files without end is killed for it, or loses its pod. Nobody else loses anything, and its client is told.
 */
@Timeout(300)
class FilesWithoutEndClusterIT {
    private static final String PROGRAM = """
            n = 0
            while True:
                open(str(n), 'w').close(); n += 1
            """;

    private static final int TIMES = 4;

    @Test
    void endNobodyElse() throws IOException {
        // The pod's memory is to be the first limit that it meets, and not the program's time.
        Map<String, String> limits = Map.of(
                "MEMORY_LIMIT_MB",
                "64",
                "WORKSPACE_SIZE_LIMIT",
                "16Mi",
                "TMP_SIZE_LIMIT",
                "16Mi",
                "CPU_TIME_LIMIT_SEC",
                "60");
        try (ServiceProcess service = ServiceProcess.start(limits)) {
            Footprint footprint = Footprint.of(service);
            try (Session neighbour = Session.begin(service.api())) {
                assertThat(neighbour.python("x = 'here'").exited(0)).isTrue();
                for (int i = 0; i < TIMES; i++) {
                    assertTold(service.api().execute(Program.of(PROGRAM).timeoutMs(60_000)));
                }
                assertThat(neighbour.python("print(x)").stdout()).isEqualTo("here\n");
            }
            footprint.requireUnchanged();
        }
    }

    private static void assertTold(Answer answer) {
        if (answer.status() == 200) {
            assertThat(answer.result().termination()).isEqualTo("oom");
            return;
        }
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.body()).contains("sandbox lost");
        assertThat(answer.header("retry-after")).isPresent();
    }
}
