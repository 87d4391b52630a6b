package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs that leave no memory. While the kernel takes a dead one's apart, it looks for somebody else to kill when the
 * runner needs a page, and finds the runner: so that must need none.
 */
@Timeout(300)
class HostileMemoryIT {
    private static final int CLIENTS = 8;

    private static final int SESSIONS = 20;

    /** To the last pages of its cgroup, of either version. */
    private static final String FILL = """
            import os
            def number(*names):
                for name in names:
                    if os.path.exists('/sys/fs/cgroup/' + name):
                        return int(open('/sys/fs/cgroup/' + name).read())
            def left():
                return number('memory/memory.limit_in_bytes', 'memory.max') - number('memory/memory.usage_in_bytes', 'memory.current')
            hoard = []
            for size in 1 << 18, 1 << 12:
                while left() > 2 * size + 20000: hoard.append(bytearray(size))
            """;

    /** Its last word, and its end. */
    private static final String END = "os.write(1, b'x' * 16000)\nos._exit(3)\n";

    @ParameterizedTest(name = "{0}")
    @CsvSource({"a program, 120", "one that has become another, 40"})
    void doesNotLoseTheResultOf(String what, int runs) throws InterruptedException, ExecutionException {
        Program program = Program.of(what.equals("a program") ? FILL + END : become(FILL + END));
        try (ServiceProcess service = ServiceProcess.start(Map.of("EXECUTION_QUEUE_TIMEOUT_SEC", "60"));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Result>> answers = new ArrayList<>();
            for (int i = 0; i < runs; i++) {
                answers.add(clients.submit(() -> service.api().run(program)));
            }
            int ended = 0;
            for (Future<Result> answer : answers) {
                Result result = answer.get();
                // The kernel may find that its last word was too much.
                assertThat(result.termination()).as(result.toString()).isIn("exited", "oom");
                if (result.termination().equals("exited")) {
                    assertThat(result.exited(3)).as(result.toString()).isTrue();
                    assertThat(result.stdout()).hasSize(16000);
                    ended++;
                }
            }
            assertThat(ended).isPositive();
        }
    }

    private static String become(String code) {
        return """
                import os, sys
                os.execv(sys.executable, ['python3', '-c', '''
                %s'''])
                """.formatted(code.replace('\'', '"'));
    }

    @Test
    void doesNotEndTheSessionOfACommandThatEndsWithIt() {
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            for (int i = 0; i < SESSIONS; i++) {
                try (Session session = Session.begin(service.api())) {
                    assertThat(session.python(FILL + END).termination()).isIn("exited", "oom");
                    assertThat(session.python("print(1 + 1)").stdout()).isEqualTo("2\n");
                }
            }
        }
    }

    @Test
    void doesNotBlameACommandForWhatTheOneBeforeItLeft() {
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            for (int i = 0; i < SESSIONS; i++) {
                try (Session session = Session.begin(service.api())) {
                    assertThat(session.python(FILL).termination()).isIn("exited", "oom");
                    Result next = session.python("print(1 + 1)");
                    assertThat(next.termination()).isIn("exited", "oom");
                    assertThat(session.bash("echo $((1 + 1))").stdout()).isEqualTo("2\n");
                }
            }
        }
    }
}
