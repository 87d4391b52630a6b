package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.CleanEnd;
import dev.codeinterpreter.harness.Event;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs in a session: shell commands, Python that keeps its state, and both as streams. */
@Timeout(90)
class SessionCommandsIT {
    /** For what is to happen at once; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(5);

    private static ServiceProcess service;
    private static Api api;

    /** For the tests that leave nothing behind in it. */
    private static Session shared;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_FILE_SIZE_MB", "2", "WORKSPACE_SIZE_LIMIT", "4Mi", "MAX_OUTPUT_BYTES", "1000", "CPU_LIMIT", "2"));
        api = service.api();
        shared = Session.begin(api);
    }

    @AfterAll
    static void stop() {
        shared.close();
        CleanEnd.of(service, PROMPT);
    }

    // Shell commands.

    record Shell(String command, String stdout, String stderr, int exitCode) {
        @Override
        public String toString() {
            return command;
        }
    }

    static Stream<Shell> shellCommands() {
        return Stream.of(
                new Shell("echo out; echo err >&2", "out\n", "err\n", 0),
                new Shell("", "", "", 0),
                new Shell("exit 3", "", "", 3),
                new Shell("false", "", "", 1),
                new Shell("pwd", "/workspace\n", "", 0),
                new Shell("cat; echo end", "end\n", "", 0),
                new Shell("readlink /proc/self/fd/0", "/dev/null\n", "", 0),
                new Shell("echo $0", "bash\n", "", 0),
                new Shell("no-such-command", "", "bash: line 1: no-such-command: command not found\n", 127),
                new Shell("a='x  y'; echo \"$a\" $((6 * 7))\necho 'a\"b' \\\n  c", "x  y 42\na\"b c\n", "", 0),
                new Shell("printf '\u00e4\u20ac\ud83d\ude00'", "\u00e4\u20ac\ud83d\ude00", "", 0),
                new Shell("printf '\\xff'", "\ufffd", "", 0),
                new Shell("python3 -c 'import sys; print(sys.argv)' a b", "['-c', 'a', 'b']\n", "", 0),
                new Shell("yes | head -1", "y\n", "", 0),
                new Shell("kill -9 $$", "", "", 137),
                new Shell("sh -c 'kill -15 $$'; echo $?", "143\n", "Terminated\n", 0));
    }

    @ParameterizedTest
    @MethodSource("shellCommands")
    void runsAShellCommand(Shell row) {
        Result result = shared.bash(row.command());
        assertThat(result.stdout()).isEqualTo(row.stdout());
        assertThat(result.stderr()).endsWith(row.stderr());
        assertThat(result.stderr().isEmpty()).isEqualTo(row.stderr().isEmpty());
        assertThat(result.exited(row.exitCode())).as(result.toString()).isTrue();
        assertThat(result.json().keySet())
                .containsExactlyInAnyOrder(
                        "stdout",
                        "stderr",
                        "exit_code",
                        "timed_out",
                        "duration_ms",
                        "truncated",
                        "termination",
                        "usage");
    }

    @Test
    void cutsTheOutputOfAShellCommand() {
        Result result = shared.bash("printf 'x%.0s' {1..2000}; echo whole >&2");
        assertThat(result.stdout()).isEqualTo("x".repeat(968) + "\n...[truncated]");
        assertThat(result.stdoutTruncated()).isTrue();
        assertThat(result.stderr()).isEqualTo("whole\n");
        assertThat(result.stderrTruncated()).isFalse();
    }

    @Test
    void beginsEachShellCommandAnew() {
        assertThat(shared.bash("x=1; export y=2; cd /tmp; set -e; echo $x$y").stdout())
                .isEqualTo("12\n");
        assertThat(shared.bash("false; echo \"[$x$y]\" $PWD").stdout()).isEqualTo("[] /workspace\n");
    }

    @Test
    void keepsFilesAndBackgroundProcesses() {
        try (Session session = Session.begin(api)) {
            Result started = session.bash("mkdir d; echo kept > d/f; (sleep 300; true) & echo $!");
            String pid = started.stdout().strip();
            assertThat(started.exited(0)).isTrue();
            assertThat(started.durationMs()).as("does not wait for it").isLessThan(5000);
            assertThat(session.bash("cat d/f; kill -0 %s && echo runs".formatted(pid))
                            .stdout())
                    .isEqualTo("kept\nruns\n");
            assertThat(session.python("open('d/f').read()").stdout()).isEqualTo("'kept\\n'\n");
            assertThat(session.bash("kill %s; sleep 0.2; kill -0 %s".formatted(pid, pid))
                            .exited(1))
                    .isTrue();
        }
    }

    @Test
    void endsAllOfAShellCommandThatTakesTooLongAndNothingElse() throws Exception {
        try (Session session = Session.begin(api)) {
            String older = session.bash("sleep 401 & echo $!").stdout().strip();
            FutureTask<Answer> beside =
                    new FutureTask<>(() -> session.tryBash("echo > begun; sleep 3; echo unharmed", 20_000));
            Thread.ofVirtual().start(beside);
            Await.until("the command beside it", PROMPT, () -> session.files().containsKey("begun"));
            Answer answer =
                    session.tryBash("echo so far; sleep 402 & setsid sleep 402 & (sleep 402 &); sleep 402", 1000);
            Result late = answer.result();
            assertThat(late.timedOut()).isTrue();
            assertThat(late.exitCode()).isEmpty();
            assertThat(late.termination()).isEqualTo("timeout");
            assertThat(late.stdout()).isEqualTo("so far\n");
            assertThat(late.durationMs()).isBetween(1000, 5000);
            assertThat(session.sleepers()).doesNotContain("sleep 402").contains("sleep 401");
            assertThat(beside.get().result().stdout()).isEqualTo("unharmed\n");
            assertThat(session.bash("kill -0 " + older).exited(0)).isTrue();
        }
    }

    // Python.

    @Test
    void keepsTheStateOfTheInterpreter() {
        try (Session session = Session.begin(api)) {
            assertThat(session.python("x = 41\nimport math\ndef f(): return x + 1")
                            .stdout())
                    .isEmpty();
            assertThat(session.python("f()").stdout()).isEqualTo("42\n");
            assertThat(session.python("math.floor(2.5), __name__").stdout()).isEqualTo("(2, '__main__')\n");
            assertThat(session.python("log = open('log', 'w'); print('one', file=log)")
                            .exited(0))
                    .isTrue();
            assertThat(session.python("print('two', file=log); log.close()").exited(0))
                    .isTrue();
            assertThat(session.bash("cat log").stdout()).isEqualTo("one\ntwo\n");
            assertThat(session.python(Program.of("x").interactive(false)).stdout())
                    .isEmpty();
            assertThat(session.python("None").stdout()).isEmpty();
            assertThat(session.python(Program.of("input() + '!'").stdin("line\n"))
                            .stdout())
                    .isEqualTo("'line!'\n");
            assertThat(session.python("import sys; sys.stdin.read()").stdout()).isEqualTo("''\n");
        }
    }

    record Ending(String code, int exitCode, String termination, boolean lost) {
        @Override
        public String toString() {
            return code;
        }
    }

    static Stream<Ending> endings() {
        return Stream.of(
                new Ending("pass", 0, "exited", false),
                new Ending("1 / 0", 1, "exited", false),
                new Ending("syntax error", 1, "exited", false),
                new Ending("import sys; sys.exit(7)", 7, "exited", false),
                new Ending("raise SystemExit", 0, "exited", false),
                new Ending("raise KeyboardInterrupt", 130, "exited", false),
                new Ending("import os; os._exit(5)", 5, "exited", true),
                new Ending("import os; os.kill(os.getpid(), 11)", 139, "signaled", true));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void saysWhetherTheStateOutlivesACommand(Ending row) {
        try (Session session = Session.begin(api)) {
            assertThat(session.python("x = 'kept'").json().getBoolean("state_lost"))
                    .isFalse();
            Result result = session.python(row.code());
            assertThat(result.exited(row.exitCode())).as(result.toString()).isTrue();
            assertThat(result.json().getBoolean("state_lost"))
                    .as(result.toString())
                    .isEqualTo(row.lost());
            Result next = session.python("x");
            assertThat(next.json().getBoolean("state_lost")).isFalse();
            if (row.lost()) {
                assertThat(next.stderr()).contains("NameError");
            } else {
                assertThat(next.stdout()).isEqualTo("'kept'\n");
            }
        }
    }

    @Test
    void showsWhereAnExceptionCameFrom() {
        Result result = shared.python("def f():\n    raise ValueError('x')\n");
        assertThat(result.exited(0)).isTrue();
        Result raised = shared.python("f()");
        assertThat(raised.stderr())
                .contains("raise ValueError('x')", "ValueError: x")
                .doesNotContain("runner");
    }

    @ParameterizedTest
    @CsvSource({
        "import time; time.sleep(300), false",
        "while True: pass, false",
        "import subprocess; subprocess.run(['sleep'; '403']), false",
        "import signal; signal.signal(signal.SIGINT; signal.SIG_IGN); import time; time.sleep(300), true"
    })
    void endsPythonThatTakesTooLong(String code, boolean lost) {
        try (Session session = Session.begin(api)) {
            assertThat(session.python("x = 'kept'").exited(0)).isTrue();
            Result result = session.python(Program.of("import sys\nprint('so far', flush=True)\n"
                            + code.replace("'sleep';", "'sleep',").replace("SIGINT;", "SIGINT,"))
                    .timeoutMs(1000));
            assertThat(result.timedOut()).isTrue();
            assertThat(result.exitCode()).isEmpty();
            assertThat(result.stdout()).isEqualTo("so far\n");
            assertThat(result.json().getBoolean("state_lost")).isEqualTo(lost);
            assertThat(session.sleepers()).doesNotContain("sleep 403");
            assertThat(session.python("x").stdout()).isEqualTo(lost ? "" : "'kept'\n");
        }
    }

    @Test
    void returnsTheFilesThatAPythonCommandMakesOrChanges() {
        try (Session session = Session.begin(api)) {
            assertThat(session.bash("echo a > a; echo b > b").exited(0)).isTrue();
            assertThat(session.python("1").files()).isEmpty();
            Result result = session.python("""
                    import os
                    open('a', 'a').write('more')
                    os.makedirs('plots')
                    open('plots/p.png', 'wb').write(bytes(10))
                    os.remove('b')
                    os.symlink('/etc/passwd', 'link')
                    open('/tmp/elsewhere.csv', 'w').write('x')
                    open('/mnt/data/c', 'w').write('c')
                    """);
            assertThat(result.files()).containsOnlyKeys("a", "c", "plots/p.png");
            assertThat(result.skipped())
                    .containsExactly(
                            Map.entry("/tmp/elsewhere.csv", "outside_workspace"), Map.entry("link", "symlink"));
            assertThat(session.python("1").skipped()).isEmpty();
            assertThat(api.content(result.file("a"))).isEqualTo("a\nmore");
            assertThat(session.python("1").files()).isEmpty();
        }
    }

    @Test
    void runsOnePythonCommandAtATime() {
        try (Session session = Session.begin(api)) {
            Program sleeper = Program.of("import os, time; os.write(1, b'begun'); time.sleep(15)");
            try (EventReader running = session.streamPython(sleeper)) {
                assertThat(running.require().text()).isEqualTo("begun");
                for (String path : new String[] {"/python", "/python/stream"}) {
                    Answer answer = api.post(session.path() + path, "{\"code\":\"1\"}");
                    assertThat(answer.status()).as(answer.toString()).isEqualTo(409);
                    assertThat(answer.body())
                            .isEqualTo("{\"detail\":\"Another command runs in this session.\",\"code\":\"conflict\"}");
                }
                assertThat(session.bash("echo beside").stdout()).isEqualTo("beside\n");
            }
            // Its client has gone.
            Await.until(
                    "a free interpreter",
                    PROMPT,
                    () -> session.tryPython(Program.of("1")).status() == 200);
        }
    }

    // Streams.

    @Test
    void streamsAShellCommand() {
        try (EventReader events = shared.streamBash("echo out; sleep 1; echo err >&2; exit 3")) {
            assertThat(events.headers()).containsEntry("content-type", List.of("text/event-stream; charset=utf-8"));
            long start = System.nanoTime();
            assertThat(events.require()).isEqualTo(new Event("output", "{\"stream\":\"stdout\",\"data\":\"out\\n\"}"));
            Streamed rest = events.readAll();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(700));
            assertThat(rest.stderr()).isEqualTo("err\n");
            assertThat(rest.result().exited(3)).isTrue();
            assertThat(rest.result().json().keySet())
                    .containsExactlyInAnyOrder(
                            "exit_code", "timed_out", "duration_ms", "truncated", "termination", "usage");
        }
    }

    @Test
    void streamsPython() {
        try (EventReader events = shared.streamPython(Program.of("open('made', 'w').write('x'); print(1)\n2"))) {
            Streamed streamed = events.readAll();
            assertThat(streamed.stdout()).isEqualTo("1\n2\n");
            assertThat(streamed.result().files()).containsOnlyKeys("made");
            assertThat(streamed.result().json().getBoolean("state_lost")).isFalse();
            assertThat(streamed.result().json()).doesNotContainKeys("stdout", "stderr");
        }
    }

    @Test
    void endsAStreamWithAnErrorWhenTheSessionEnds() {
        Session session = Session.begin(api);
        try (EventReader events = session.streamBash("echo begun; sleep 300")) {
            assertThat(events.require().text()).isEqualTo("begun\n");
            assertThat(session.end().status()).isEqualTo(204);
            assertThat(events.readAll().error()).isEqualTo("Session '%s' not found".formatted(session.id()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bash", "/bash/stream"})
    void endsTheCommandOfAClientThatGoesAwayAndNotTheSession(String path) throws IOException {
        try (Session session = Session.begin(api)) {
            try (Socket _ = api.begin(session.path() + path, Session.bashBody("echo > begun; sleep 404", 20_000))) {
                Await.until("a running command", PROMPT, () -> session.files().containsKey("begun"));
            }
            Await.until("its end", PROMPT, () -> !session.sleepers().contains("sleep 404"));
            assertThat(session.get().status()).isEqualTo(200);
        }
    }
}
