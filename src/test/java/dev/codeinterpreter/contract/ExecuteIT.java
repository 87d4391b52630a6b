package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that behaves: its result, and the world that it finds. */
@Timeout(60)
class ExecuteIT {
    /** A pod has more than its loopback, so there its programs have no internet sockets at all. */
    private static final String LOOPBACK = Backend.current() == Backend.KUBERNETES
            ? "[Errno 97] Address family not supported by protocol\n"
            : "hello\n";

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("EXTRA_SECRET", "not for programs"));
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            used.engine().awaitNone(Duration.ofSeconds(10));
        }
    }

    @Test
    void answersWithTheseFieldsInThisOrder() {
        Answer answer = service.api().execute(Program.of("import sys; print('out'); print('err', file=sys.stderr)"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.body())
                .matches(
                        "\\{\"stdout\":\"out\\\\n\",\"stderr\":\"err\\\\n\",\"exit_code\":0,\"timed_out\":false,"
                                + "\"duration_ms\":\\d+,\"files\":\\[],"
                                + "\"truncated\":\\{\"stdout\":false,\"stderr\":false},\"termination\":\"exited\","
                                + "\"skipped_files\":\\[],\"usage\":\\{\"cpu_ms\":\\d+,\"peak_memory_bytes\":\\d+},\"results\":\\[]}");
    }

    @Test
    void givesNullForTheExitCodeOfATimedOutProgram() {
        Result result = service.api()
                .run(Program.of("print('so far'); import time; time.sleep(60)").timeoutMs(500));
        assertThat(result.json()).containsEntry("exit_code", JsonValue.NULL);
        assertThat(result.timedOut()).isTrue();
        assertThat(result.termination()).isEqualTo("timeout");
        assertThat(result.stdout()).isEqualTo("so far\n");
        assertThat(result.durationMs()).isBetween(500, 1500);
    }

    @Test
    void hasATimeoutOfTwoSecondsByDefault() {
        Result result = service.api()
                .execute("{\"code\":\"import time; time.sleep(60)\"}")
                .result();
        assertThat(result.timedOut()).isTrue();
        assertThat(result.durationMs()).isBetween(2000, 3000);
    }

    @Test
    void runsEmptyCode() {
        assertThat(service.api().run("").exited(0)).isTrue();
    }

    @Test
    void ignoresUnknownFieldsAndTakesTheLastOfTwo() {
        Result result = service.api()
                .execute("{\"code\":\"print(1)\",\"user\":{\"id\":1},\"code\":\"print(2)\"}")
                .result();
        assertThat(result.stdout()).isEqualTo("2\n");
    }

    /** @param exitCode as the shell would say it */
    record Exit(String code, int exitCode, String termination, String stderr) {
        @Override
        public String toString() {
            return code;
        }
    }

    static Stream<Exit> exits() {
        return Stream.of(
                new Exit("pass", 0, "exited", ""),
                new Exit("import sys; sys.exit(3)", 3, "exited", ""),
                new Exit("import sys; sys.exit('last words')", 1, "exited", "last words\n"),
                new Exit("import sys; sys.exit(-1)", 255, "exited", ""),
                new Exit("raise SystemExit", 0, "exited", ""),
                new Exit("import os; os._exit(7)", 7, "exited", ""),
                new Exit("import os; os._exit(256)", 0, "exited", ""),
                new Exit("import os; os.abort()", 134, "signaled", ""),
                new Exit("import os; os.kill(os.getpid(), 9)", 137, "signaled", ""),
                new Exit("import os; os.kill(os.getpid(), 15)", 143, "signaled", ""),
                new Exit("import os; os.kill(os.getpid(), 11)", 139, "signaled", ""));
    }

    @ParameterizedTest
    @MethodSource("exits")
    void tellsHowAProgramEnded(Exit row) {
        Result result = service.api().run(row.code());
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(OptionalInt.of(row.exitCode()));
        assertThat(result.termination()).isEqualTo(row.termination());
        assertThat(result.stderr()).isEqualTo(row.stderr());
    }

    @Test
    void showsATracebackAsPythonDoes() {
        Result result = service.api().run("""
                def f():
                    return 1 / 0  # here

                f()
                """);
        assertThat(result.exited(1)).isTrue();
        assertThat(result.stderr()).isEqualTo("""
                Traceback (most recent call last):
                  File "/workspace/__main__.py", line 4, in <module>
                    f()
                    ~^^
                  File "/workspace/__main__.py", line 2, in f
                    return 1 / 0  # here
                           ~~^~~
                ZeroDivisionError: division by zero
                """);
    }

    /** @param stdout that it prints, all of it */
    record View(String name, Program program, String stdout) {
        View(String name, String code, String stdout) {
            this(name, Program.of(code), stdout);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<View> views() {
        return Stream.of(
                new View("last expression", "x = 6\nx * 7", "42\n"),
                new View("last expression is None", "print('a')\nNone", "a\n"),
                new View("last expression is a string", "'a\\n'", "'a\\n'\n"),
                new View("not the last", "1 + 1\nx = 2", ""),
                new View("last statement in a block", "if True:\n    5", ""),
                new View("switched off", Program.of("6 * 7").interactive(false), ""),
                new View(
                        "after an import from the future",
                        "from __future__ import annotations\ndef f(x: y): pass\nf.__annotations__",
                        "{'x': 'y'}\n"),
                new View(
                        "names",
                        "print(__name__, __file__, sorted(globals()))",
                        "__main__ /workspace/__main__.py "
                                + "['__annotations__', '__builtins__', '__cached__', '__doc__', '__file__', '__loader__', "
                                + "'__name__', '__package__', '__spec__']\n"),
                new View(
                        "arguments",
                        "import sys; print(sys.argv, sys.path[0])",
                        "['/workspace/__main__.py'] /workspace\n"),
                new View("directory", "import os; print(os.getcwd(), os.listdir())", "/workspace ['__main__.py']\n"),
                new View(
                        "code as sent",
                        "print(open('/workspace/__main__.py', newline='').read() == \"\"\"x\"\"\")\r\n",
                        "False\n"),
                new View(
                        "not root",
                        "import os; print(os.getuid() > 0, os.geteuid() == os.getuid(), set(os.getgroups()) <= {os.getgid()})",
                        "True True True\n"),
                new View("end of input", "import sys; print(repr(sys.stdin.read()))", "''\n"),
                new View(
                        "input",
                        Program.of("print(repr(open(0, newline='').read()))").stdin("a\0b\r\n\u20ac\ud83d\ude00"),
                        "'a\\x00b\\r\\n\u20ac\ud83d\ude00'\n"),
                new View("empty input", Program.of("print(repr(input()))").stdin("\n"), "''\n"),
                new View("clock", "import time; print(time.tzname, time.time() > 1.7e9)", "('UTC', 'UTC') True\n"),
                new View(
                        "encodings",
                        "import sys, locale; print(sys.stdout.encoding, sys.getfilesystemencoding(), locale.getpreferredencoding())",
                        "utf-8 utf-8 UTF-8\n"),
                new View("loopback", """
                        import socket
                        try:
                            server = socket.create_server(('127.0.0.1', 0))
                            client = socket.create_connection(server.getsockname())
                            server.accept()[0].sendall(b'hello')
                            print(client.recv(5).decode())
                        except OSError as e:
                            print(e)
                        """, LOOPBACK),
                new View("localhost", """
                        import socket
                        print(sorted({address[4][0] for address in socket.getaddrinfo('localhost', 80)}))
                        try:
                            server = socket.create_server(('localhost', 0))
                            client = socket.create_connection(server.getsockname())
                            server.accept()[0].sendall(b'hello')
                            print(client.recv(5).decode())
                        except OSError as e:
                            print(e)
                        """, "['127.0.0.1', '::1']\n" + LOOPBACK),
                new View("user", """
                        import getpass, grp, os, pathlib, pwd, subprocess
                        open('mine', 'w').close()
                        mine, entry = pathlib.Path('mine'), pwd.getpwuid(os.getuid())
                        print(getpass.getuser(), mine.owner(), mine.group(), entry.pw_name, entry.pw_dir, os.path.expanduser('~sandbox'))
                        print(pathlib.Path.home(), grp.getgrgid(os.getgid()).gr_name, subprocess.getoutput('whoami; id -gn'))
                        """, "sandbox sandbox sandbox sandbox /tmp /tmp\n/tmp sandbox sandbox\nsandbox\n"),
                new View("multiprocessing", """
                        import multiprocessing
                        with multiprocessing.Pool(2) as pool:
                            print(pool.map(abs, [-1, -2]))
                        """, "[1, 2]\n"));
    }

    @ParameterizedTest
    @MethodSource("views")
    void givesTheProgramItsWorld(View row) {
        Result result = service.api().run(row.program());
        assertThat(result.stdout()).as(result.toString()).isEqualTo(row.stdout());
        assertThat(result.stderr()).isEmpty();
        assertThat(result.exited(0)).isTrue();
    }

    @Test
    void givesTheProgramTheseVariablesAndNoOthers() {
        Result result = service.api().run("import os, json; print(json.dumps(dict(sorted(os.environ.items()))))");
        assertThat(Answer.compact(result.stdout())).isEqualTo(Answer.compact("""
                {"HOME":"/tmp","LANG":"C.UTF-8","LOGNAME":"sandbox","MKL_NUM_THREADS":"1","MPLCONFIGDIR":"/tmp/matplotlib","NUMEXPR_NUM_THREADS":"1",
                "OMP_NUM_THREADS":"1","OPENBLAS_NUM_THREADS":"1","PATH":"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "PYTHONDONTWRITEBYTECODE":"1","PYTHONIOENCODING":"utf-8","PYTHONUNBUFFERED":"1","TZ":"UTC",
                "USER":"sandbox"}
                """));
    }

    @ParameterizedTest
    @CsvSource({
        "true,1",
        "1,1",
        "1.0,1",
        "\"TRUE\",1",
        "\"Yes\",1",
        "\"on\",1",
        "\"t\",1",
        "\"y\",1",
        "\"1\",1",
        "false,0",
        "0,0",
        "\"False\",0",
        "\"no\",0",
        "\"OFF\",0",
        "\"f\",0",
        "\"N\",0",
        "\"0\",0"
    })
    void understandsManyWordsForABoolean(String value, int lines) {
        Result result = service.api()
                .execute("{\"code\":\"5\",\"last_line_interactive\":%s}".formatted(value))
                .result();
        assertThat(result.stdout().lines().count()).isEqualTo(lines);
    }

    /** Bytes that a program prints, by the number that the answer may hold. */
    @ParameterizedTest
    @ValueSource(ints = {999_999, 1_000_000, 1_000_001, 5_000_000})
    void cutsOutputToTheByte(int bytes) {
        Result result = service.api()
                .run("import sys; s = 'a' * %d; sys.stdout.write(s); sys.stderr.write(s); sys.exit(3)"
                        .formatted(bytes));
        boolean cut = bytes > 1_000_000;
        String expected = cut ? "a".repeat(1_000_000 - 32) + "\n...[truncated]" : "a".repeat(bytes);
        assertThat(result.stdout().equals(expected)).as("stdout").isTrue();
        assertThat(result.stderr().equals(expected)).as("stderr").isTrue();
        assertThat(result.stdoutTruncated()).isEqualTo(cut);
        assertThat(result.stderrTruncated()).isEqualTo(cut);
        assertThat(result.exited(3)).isTrue();
    }

    @Test
    void replacesACharacterThatTheLimitCuts() {
        Result result = service.api().run("print('a' + '\u20ac' * 400_000)");
        // 999 968 bytes: one letter, 333 322 signs, and one byte of the next.
        assertThat(result.stdout().equals("a" + "\u20ac".repeat(333_322) + "\ufffd\n...[truncated]"))
                .isTrue();
    }

    @Test
    void importsStagedModules() {
        String module = service.api().upload("x", "value = 'mine'");
        Result result = service.api()
                .run(Program.of(
                                "import helper, random, pack.inner; print(helper.value, random.value, pack.inner.value)")
                        .file("helper.py", module)
                        .file("random.py", module)
                        .file("pack/inner.py", module));
        assertThat(result.stdout()).as(result.toString()).isEqualTo("mine mine mine\n");
        assertThat(result.files()).isEmpty();
    }

    @Test
    void givesEverySandboxAUidOfItsOwn() {
        List<String> uids = Stream.generate(
                        () -> service.api().run("import os; os.getuid()").stdout())
                .limit(3)
                .toList();
        assertThat(uids).doesNotHaveDuplicates();
    }

    @Test
    void takesCodeOfTenMegabytes() {
        String code = "x = '" + "a".repeat(10 << 20) + "'\nlen(x)";
        Answer answer = service.api()
                .execute(Json.createObjectBuilder()
                        .add("code", code)
                        .add("timeout_ms", 10_000)
                        .build()
                        .toString());
        assertThat(answer.result().stdout()).isEqualTo((10 << 20) + "\n");
    }
}
