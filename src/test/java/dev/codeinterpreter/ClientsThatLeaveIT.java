package dev.codeinterpreter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that leave while they wait for their turn or while they are served, and clients that only say that they send no
 * more. There is one place, so that each that is not given up is missed.
 */
@Tag("complete")
@Timeout(120)
class ClientsThatLeaveIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String SLEEP = "import time; time.sleep(50)";
    private static final String SHORT = "import time; time.sleep(2); print('done')";

    private static ServiceProcess service;

    private Session session;

    enum Mode {
        EXECUTE,
        EXECUTE_STREAM,
        SESSION_PYTHON,
        SESSION_CREATE
    }

    private enum Leaving {
        CLOSE,
        RESET
    }

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_CONCURRENT_EXECUTIONS",
                "1",
                "EXECUTION_QUEUE_TIMEOUT_SEC",
                "60",
                "KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC",
                "60"));
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.log()).doesNotContain("\tat ");
        }
    }

    @BeforeEach
    void begin() {
        session = Session.begin(service.api());
    }

    @AfterEach
    void end() {
        session.close();
        service.engine().awaitNone(BOUND);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void giveUpTheirTurnWhenTheyClose(Mode mode) throws IOException {
        leaveTheQueue(mode, Leaving.CLOSE);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void giveUpTheirTurnWhenTheyReset(Mode mode) throws IOException {
        leaveTheQueue(mode, Leaving.RESET);
    }

    /** While another one keeps the place, so they have left the queue and were not begun first. */
    private void leaveTheQueue(Mode mode, Leaving leaving) throws IOException {
        double before = cancelled(mode);
        try (Socket _ = occupyThePlace()) {
            Socket waiting = send(mode, SLEEP);
            pause();
            leave(waiting, leaving);
            Await.until("a turn that is given up", BOUND, () -> cancelled(mode) == before + 1);
            assertThat(active(Mode.EXECUTE)).isEqualTo(1);
        }
        assertServes();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void endTheirRunsWhenTheyClose(Mode mode) throws IOException {
        leaveTheirRun(mode, Leaving.CLOSE);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void endTheirRunsWhenTheyReset(Mode mode) throws IOException {
        leaveTheirRun(mode, Leaving.RESET);
    }

    /** A session may be ready before its client is missed, and is ended all the same. */
    private void leaveTheirRun(Mode mode, Leaving leaving) throws IOException {
        double before = cancelled(mode);
        Socket client = send(mode, SLEEP);
        awaitActive(mode);
        if (mode != Mode.SESSION_CREATE) {
            pause();
        }
        leave(client, leaving);
        Await.until("a free place", BOUND, () -> active(mode) == 0);
        if (mode != Mode.SESSION_CREATE) {
            assertThat(cancelled(mode)).isEqualTo(before + 1);
        }
        assertServes();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void areServedWhenTheySendNoMoreWhileTheyWait(Mode mode) throws IOException {
        double before = cancelled(mode);
        Socket blocker = occupyThePlace();
        try (Socket waiting = send(mode, SHORT)) {
            pause();
            waiting.shutdownOutput();
            // Longer than it takes to miss a client that has gone.
            LockSupport.parkNanos(Duration.ofMillis(1500).toNanos());
            blocker.close();
            assertAnswered(mode, waiting);
        }
        assertThat(cancelled(mode)).isEqualTo(mode == Mode.EXECUTE ? before + 1 : before);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void areServedWhenTheySendNoMoreWhileTheyAreServed(Mode mode) throws IOException {
        double before = cancelled(mode);
        try (Socket client = send(mode, SHORT)) {
            awaitActive(mode);
            client.shutdownOutput();
            assertAnswered(mode, client);
        }
        assertThat(cancelled(mode)).isEqualTo(before);
    }

    private Socket send(Mode mode, String code) throws IOException {
        String json = Program.of(code).timeoutMs(60_000).toJson().toString();
        Api api = service.api();
        return switch (mode) {
            case EXECUTE -> api.begin("/v1/execute", json);
            case EXECUTE_STREAM -> api.begin("/v1/execute/stream", json);
            case SESSION_PYTHON -> api.begin(session.path() + "/python", json);
            case SESSION_CREATE -> api.begin("/v1/sessions", "{}");
        };
    }

    private static Socket occupyThePlace() throws IOException {
        Socket blocker = service.api().begin(Program.of(SLEEP).timeoutMs(60_000));
        awaitActive(Mode.EXECUTE);
        return blocker;
    }

    private static void leave(Socket client, Leaving leaving) throws IOException {
        if (leaving == Leaving.RESET) {
            client.setSoLinger(true, 0);
        }
        client.close();
    }

    /** Everything up to the end of the connection, which the service closes since nothing else can come. */
    private static void assertAnswered(Mode mode, Socket client) throws IOException {
        client.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
        String all = new String(client.getInputStream().readAllBytes(), UTF_8);
        String answer = all.replace("HTTP/1.1 100 Continue\r\n\r\n", "");
        if (mode == Mode.SESSION_CREATE) {
            assertThat(answer).startsWith("HTTP/1.1 201 ");
            Matcher id = Pattern.compile("\"session_id\":\"([^\"]+)\"").matcher(answer);
            assertThat(id.find()).isTrue();
            try (Session created = new Session(service.api(), id.group(1))) {
                assertThat(created.bash("echo lives").stdout()).isEqualTo("lives\n");
            }
            return;
        }
        assertThat(answer).as(all).startsWith("HTTP/1.1 200 ").contains("done\\n");
        if (mode == Mode.EXECUTE_STREAM) {
            assertThat(answer).contains("event: result").endsWith("\r\n0\r\n\r\n");
        } else {
            assertThat(answer).endsWith("}");
        }
    }

    private static void assertServes() {
        assertThat(service.api().run("1").stdout()).isEqualTo("1\n");
    }

    private static void awaitActive(Mode mode) {
        Await.until(mode + " in its place", BOUND, () -> active(mode) == 1);
    }

    /** Until a client waits, or its program runs: neither is an event. */
    private static void pause() {
        LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
    }

    private static double active(Mode mode) {
        return metric("active", mode, "");
    }

    private static double cancelled(Mode mode) {
        return metric("completed_total", mode, "outcome=\"cancelled\"");
    }

    /** Zero when there is none yet. */
    private static double metric(String name, Mode mode, String label) {
        String operation = "operation=\"%s\"".formatted(mode.name().toLowerCase(Locale.ROOT));
        return service.api()
                .get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("code_interpreter_executions_" + name))
                .filter(line -> line.contains(operation) && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
