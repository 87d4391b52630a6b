package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Backend;
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
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Programs that leave no memory. While the kernel takes a dead one's apart, it looks for somebody else to kill when the
 * runner needs a page, and finds the runner: so that must need as few as it can.
 */
@Tag("alone")
@Tag("complete")
@Timeout(300)
class HostileMemoryIT {
    private static final int CLIENTS = 8;

    private static final int SESSIONS = 40;

    /** Several fill half a gigabyte each at a time, on processors that a busy node hardly gives them. */
    private static final int TIMEOUT_MS = 60_000;

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

    @Test
    void doesNotLoseTheResultOfAProgram() throws InterruptedException, ExecutionException {
        assertHeard(repeat(120, api -> api.run(patient(FILL + END))));
    }

    @Test
    void doesNotLoseTheResultOfAProgramThatHasBecomeAnother() throws InterruptedException, ExecutionException {
        String program = """
                import os, sys
                os.execv(sys.executable, ['python3', '-c', '''
                %s'''])
                """.formatted((FILL + END).replace('\'', '"'));
        assertHeard(repeat(40, api -> api.run(patient(program))));
    }

    @Test
    void doesNotEndTheSessionOfACommandThatEndsWithIt() throws InterruptedException, ExecutionException {
        assertHeard(repeat(SESSIONS, api -> {
            try (Session session = Session.begin(api)) {
                Result result = session.python(patient(FILL + END));
                assertThat(session.python("print(1 + 1)").stdout()).isEqualTo("2\n");
                return result;
            }
        }));
    }

    @Test
    void doesNotEndTheSessionOfAShellThatEndsWithIt() throws InterruptedException, ExecutionException {
        String line = "exec python3 -c '%s'".formatted((FILL + END).replace('\'', '"'));
        assertHeard(repeat(SESSIONS, api -> {
            try (Session session = Session.begin(api)) {
                Result result = session.tryBash(line, TIMEOUT_MS).result();
                assertThat(session.bash("echo $((1 + 1))").stdout()).isEqualTo("2\n");
                return result;
            }
        }));
    }

    @Test
    void doesNotBlameACommandForWhatTheOneBeforeItLeft() throws InterruptedException, ExecutionException {
        List<String> next = repeat(SESSIONS, api -> {
            try (Session session = Session.begin(api)) {
                assertThat(session.python(patient(FILL)).termination()).isIn("exited", "oom");
                assertThat(session.python("print(1 + 1)").termination()).isIn("exited", "oom");
                return session.bash("echo $((1 + 1))").stdout();
            }
        });
        assertThat(next).containsOnly("2\n");
    }

    private static Program patient(String code) {
        return Program.of(code).timeoutMs(TIMEOUT_MS);
    }

    /** Several at a time: what is slow to end leaves no memory for long. */
    private static <T> List<T> repeat(int times, Function<Api, T> action)
            throws InterruptedException, ExecutionException {
        try (ServiceProcess service = ServiceProcess.start(Map.of("EXECUTION_QUEUE_TIMEOUT_SEC", "60"));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<T>> started = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                started.add(clients.submit(() -> action.apply(service.api())));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : started) {
                results.add(each.get());
            }
            return results;
        }
    }

    private static void assertHeard(List<Result> results) {
        int ended = 0;
        for (Result result : results) {
            // The kernel may find that its last word was too much.
            assertThat(result.termination()).as(result.toString()).isIn("exited", "oom");
            if (result.termination().equals("exited")) {
                assertThat(result.exited(3)).as(result.toString()).isTrue();
                assertThat(result.stdout()).hasSize(16000);
                ended++;
            }
        }
        // The group of a pod is full before that of its container, which is all that a program sees.
        if (Backend.current() == Backend.DOCKER) {
            assertThat(ended).isPositive();
        }
    }
}
