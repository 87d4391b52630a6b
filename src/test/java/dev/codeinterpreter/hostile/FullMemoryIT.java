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

/**
 * Programs that leave no memory. While the kernel takes a dead one's apart, it looks for somebody else to kill when the
 * runner needs a page, and finds the runner: so that must need none.
 */
@Timeout(300)
class FullMemoryIT {
    /** Of which a runner that does not heed its memory loses several; one would be enough. */
    private static final int RUNS = 150;

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

    @Test
    void doesNotLoseTheResultOfAProgramThatEndsWithIt() throws InterruptedException, ExecutionException {
        Program program = Program.of(FILL + "os.write(1, b'x' * 60000)\nos._exit(3)\n");
        try (ServiceProcess service = ServiceProcess.start(Map.of("EXECUTION_QUEUE_TIMEOUT_SEC", "60"));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Result>> answers = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                answers.add(clients.submit(() -> service.api().run(program)));
            }
            for (Future<Result> answer : answers) {
                Result result = answer.get();
                // The kernel may find that its last word was too much.
                assertThat(result.termination()).isIn("exited", "oom");
                if (result.termination().equals("exited")) {
                    assertThat(result.exited(3)).isTrue();
                    assertThat(result.stdout()).hasSize(60000);
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
