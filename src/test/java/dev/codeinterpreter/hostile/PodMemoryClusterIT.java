package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Programs that fill a pod's memory with what belongs to no process, so that the kernel may choose the runner instead of
 * them, see docs/THREAT_MODEL.md. Nobody else loses anything, and the program's client gets an answer.
 */
@Timeout(300)
@Tag("complete")
class PodMemoryClusterIT {
    /** In a pod the number of files has no limit but the memory that they take. */
    private static final String FILES_WITHOUT_END = """
            n = 0
            while True:
                open(str(n), 'w').close(); n += 1
            """;

    private static final String MEMORY_FILES = """
            exec python3 -c "
            import os
            fds = []
            while True:
                fds.append(os.memfd_create('x'))
                for _ in range(16): os.write(fds[-1], bytes(1 << 20))"
            """;

    private static final int TIMES = 4;

    // The pod's memory is to be the first limit that it meets, and not the program's time.
    private static final Map<String, String> LIMITS = Map.of(
            "MEMORY_LIMIT_MB",
            "64",
            "WORKSPACE_SIZE_LIMIT",
            "16Mi",
            "TMP_SIZE_LIMIT",
            "16Mi",
            "CPU_TIME_LIMIT_SEC",
            "60");

    @Test
    void filesWithoutEndEndNobodyElse() throws IOException {
        requireNothingElseChanges(LIMITS, PodMemoryClusterIT::fillWithFiles);
    }

    private static void fillWithFiles(ServiceProcess service) {
        for (int i = 0; i < TIMES; i++) {
            Answer answer = service.api().execute(Program.of(FILES_WITHOUT_END).timeoutMs(60_000));
            if (answer.status() == 200) {
                assertThat(answer.result().termination()).isEqualTo("oom");
            } else {
                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.body()).contains("sandbox lost");
                assertThat(answer.header("retry-after")).isPresent();
            }
        }
    }

    /** A child of a shell is smaller than the runner, and the two points that it is ahead do not make up for it. */
    @Test
    void memoryFilesEndTheirOwnSessionAtMost() throws IOException {
        requireNothingElseChanges(LIMITS, service -> {
            for (int i = 0; i < TIMES; i++) {
                try (Session session = Session.begin(service.api())) {
                    Answer answer = session.tryBash(MEMORY_FILES, 20_000);
                    if (answer.status() == 200) {
                        assertOutOfMemory(session, answer);
                    } else {
                        assertThat(answer.status()).as(answer.body()).isEqualTo(404);
                        assertThat(session.get().status()).isEqualTo(404);
                    }
                }
            }
        });
    }

    @Test
    void memoryFilesEndTheProgramWhereThePodIsGuaranteed() throws IOException {
        Map<String, String> guaranteed = new HashMap<>(LIMITS);
        guaranteed.put("CPU_LIMIT", "0.3");
        guaranteed.put("KUBERNETES_EXECUTOR_POD_RESOURCES", "{\"requests\":{\"cpu\":null,\"memory\":null}}");
        requireNothingElseChanges(guaranteed, service -> {
            for (int i = 0; i < TIMES; i++) {
                try (Session session = Session.begin(service.api())) {
                    assertOutOfMemory(session, session.tryBash(MEMORY_FILES, 20_000));
                }
            }
        });
    }

    private static void assertOutOfMemory(Session session, Answer answer) {
        assertThat(answer.result().termination()).isEqualTo("oom");
        assertThat(session.bash("echo on").stdout()).isEqualTo("on\n");
    }

    private static void requireNothingElseChanges(Map<String, String> settings, Consumer<ServiceProcess> deed)
            throws IOException {
        try (ServiceProcess service = ServiceProcess.start(settings)) {
            Footprint footprint = Footprint.of(service);
            try (Session neighbour = Session.begin(service.api())) {
                assertThat(neighbour.python("x = 'here'").exited(0)).isTrue();
                deed.accept(service);
                assertThat(neighbour.python("print(x)").stdout()).isEqualTo("here\n");
            }
            footprint.requireUnchanged();
        }
    }
}
