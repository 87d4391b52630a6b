package dev.codeinterpreter.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.FaultProxy;
import dev.codeinterpreter.harness.FaultProxy.Fault;
import dev.codeinterpreter.harness.FaultProxy.Kind;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The connection to the engine is cut, hangs, lies or is slow, at whichever byte: an answer is the program's true result or
 * a 503 in time, a program is started once at most, and nothing stays.
 */
@Tag("alone")
@Timeout(120)
class BrokenConnectionsIT {
    private static final Duration CLEANING = Duration.ofSeconds(20);
    private static final int TIMEOUT_MS = 5000;
    private static final String EXEC = "POST /exec/.*/start";

    /** The program's time, the runner's grace and the engine's silence, on a busy machine. */
    private static final Duration BOUND = Duration.ofMillis(TIMEOUT_MS).plusSeconds(15);

    private static FaultProxy proxy;
    private static ServiceProcess service;

    @BeforeAll
    static void start() throws IOException {
        Assumptions.assumeTrue(DockerEngine.isLocal(), "the engine has no socket here");
        proxy = new FaultProxy(Path.of(DockerEngine.socket()));
        service = ServiceProcess.start(Map.of("DOCKER_HOST", proxy.address()));
    }

    @AfterAll
    static void stop() throws IOException {
        if (service != null) {
            service.close();
            proxy.close();
        }
    }

    @AfterEach
    void isAsBefore() {
        proxy.pass();
        assertThat(service.api().run("print(1 + 1)").stdout()).isEqualTo("2\n");
        service.engine().awaitNone(CLEANING);
        assertThat(service.log()).doesNotContain("NullPointerException", "IllegalStateException");
    }

    /** Where a run's one connection may break: in its head, in the handshake, in output, in a file, at the end. */
    static Stream<Arguments> breaks() {
        return Stream.of(Kind.CUT, Kind.TRUNCATE, Kind.GARBLE)
                .flatMap(kind -> Stream.of(0, 40, 200, 400, 1000, 5000, 60_000, 130_000, 1 << 20)
                        .map(bytes -> Arguments.of(kind, bytes)));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void givesATrueResultOrNoneWhenARunsConnectionBreaks(Kind kind, int bytes) {
        String token = UUID.randomUUID().toString();
        proxy.set(Fault.of(kind, "POST /containers/.*/attach", bytes));
        Answer answer = runOnce(token);
        if (bytes < 100_000) {
            assertUnavailable(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60_000})
    void endsWhenARunsConnectionHangs(int bytes) {
        proxy.set(Fault.of(Kind.HANG, "POST /containers/.*/attach", bytes));
        assertUnavailable(runOnce(UUID.randomUUID().toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "POST /containers/create, 500", "POST /containers/create, 409", "POST /containers/create, 404",
        "POST /containers/create, 429", "POST /containers/.*/attach, 500", "POST /containers/.*/attach, 404",
        "POST /containers/.*/start, 500", "POST /containers/.*/start, 404"
    })
    @Tag("quick")
    void saysThatThereIsNoCapacityWhenTheEngineRefuses(String request, int status) {
        proxy.set(Fault.of(Kind.ANSWER, request, status));
        // The transport asks again after a 429, with which the engine has made nothing.
        Answer answer = runOnce(UUID.randomUUID().toString(), status == 429 ? 2 : 1);
        assertUnavailable(answer);
        assertThat(answer.body()).doesNotContain("secret of", "/the/engine");
    }

    @ParameterizedTest
    @CsvSource({
        "POST /containers/create, CUT",
        "POST /containers/create, HANG",
        "POST /containers/create, TRUNCATE",
        "POST /containers/create, GARBLE",
        "POST /containers/.*/start, CUT",
        "POST /containers/.*/start, HANG",
        "POST /containers/.*/start, TRUNCATE"
    })
    void startsNothingTwiceWhenACallOfALaunchBreaks(String request, Kind kind) {
        proxy.set(Fault.of(kind, request, 10));
        Answer answer = runOnce(UUID.randomUUID().toString());
        if (!request.endsWith("start")) {
            assertUnavailable(answer);
        }
    }

    @Test
    void leavesNoSandboxWhenRemovalsFailForAWhile() {
        proxy.set(Fault.of(Kind.ANSWER, "DELETE /containers|POST /containers/.*/kill", 500));
        assertThat(service.api().run("print(7)").stdout()).isEqualTo("7\n");
    }

    @Test
    void waitsForAnEngineThatIsSlow() {
        proxy.set(Fault.of(Kind.DELAY, "containers", 1500));
        Answer answer = runOnce(UUID.randomUUID().toString());
        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "CUT, 0",
        "CUT, 300",
        "CUT, 2000",
        "TRUNCATE, 300",
        "TRUNCATE, 2000",
        "GARBLE, 300",
        "GARBLE, 2000",
        "HANG, 2000"
    })
    void keepsASessionWhoseFirstCommandsConnectionBreaks(Kind kind, int bytes) {
        try (Session session = Session.begin(service.api())) {
            proxy.set(Fault.of(kind, EXEC, bytes));
            breaksOnce(session, 1);
        }
    }

    /** The connection stays for the next command: that one breaks it, after what the first one has said on it. */
    @ParameterizedTest
    @EnumSource(names = {"CUT", "TRUNCATE", "GARBLE", "HANG"})
    void keepsASessionWhoseHeldConnectionBreaks(Kind kind) {
        try (Session session = Session.begin(service.api())) {
            proxy.set(Fault.of(kind, EXEC, 20_000));
            assertThat(session.bash("echo hi").stdout()).isEqualTo("hi\n");
            breaksOnce(session, 0);
        }
    }

    /**
     * One command is lost, has run once at most, and the session goes on.
     *
     * @param connections that the service makes for it
     */
    private static void breaksOnce(Session session, long connections) {
        String count = "cat count 2> /dev/null || echo 0";
        long execs = proxy.count(EXEC);
        assertUnavailable(session.tryBash(
                "echo $(($(%s) + 1)) > count; head -c 100000 /dev/zero | tr '\\0' x".formatted(count), TIMEOUT_MS));
        proxy.pass();
        assertThat(proxy.count(EXEC)).isEqualTo(execs + connections);
        assertThat(session.bash(count).stdout()).isIn("0\n", "1\n");
        assertThat(session.python("6 * 7").stdout()).isEqualTo("42\n");
    }

    @Test
    void endsAStreamWhoseConnectionBreaksWithAnError() {
        Program program = Program.of("import os, time\nfor _ in range(100): os.write(1, b'x' * 1000); time.sleep(0.01)")
                .timeoutMs(TIMEOUT_MS);
        proxy.set(Fault.of(Kind.CUT, "POST /containers/.*/attach", 20_000));
        try (EventReader events = service.api().stream(program)) {
            Streamed all = events.readAll();
            assertThat(all.error()).startsWith("Executor capacity unavailable (sandbox lost)");
            assertThat(all.stdout()).matches("x+");
        }
    }

    /** Asks once, for a program that says who asked, and makes sure that it was started once at most and has ended. */
    private static Answer runOnce(String token) {
        return runOnce(token, 1);
    }

    /** @param creates how often the engine is asked for a container at most */
    private static Answer runOnce(String token, long creates) {
        long created = proxy.count("POST /containers/create");
        long started = proxy.count("POST /containers/.*/start");
        Program program = Program.of("""
                print('%s', 'x' * 100_000)
                open('out', 'w').write('%s')
                pass
                """.formatted(token, token)).timeoutMs(TIMEOUT_MS);
        long begin = System.nanoTime();
        Answer answer = service.api().execute(program);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND);
        assertThat(proxy.count("POST /containers/create") - created).isBetween(1L, creates);
        assertThat(proxy.count("POST /containers/.*/start") - started).isLessThanOrEqualTo(1);
        if (answer.status() == 200) {
            Result result = answer.result();
            assertThat(result.exited(0)).as(result.toString()).isTrue();
            assertThat(result.stdout()).isEqualTo(token + " " + "x".repeat(100_000) + "\n");
            assertThat(service.api().content(result.file("out"))).isEqualTo(token);
        } else {
            assertUnavailable(answer);
        }
        return answer;
    }

    private static void assertUnavailable(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.header("retry-after")).contains("10");
        assertThat(answer.detail()).matches("Executor capacity unavailable \\([a-z ]+\\): [a-z' ]+\\.");
    }
}
