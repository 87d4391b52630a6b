package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.CleanEnd;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sandboxes that live on between commands, as their clients see them: their time, their files, and who serves them. */
@Timeout(90)
class SessionsIT {
    /** For what is to happen at once; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(5);

    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_FILE_SIZE_MB", "2", "WORKSPACE_SIZE_LIMIT", "4Mi", "MAX_OUTPUT_BYTES", "1000", "CPU_LIMIT", "2"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        CleanEnd.of(service, PROMPT);
    }

    // Beginning and end.

    @Test
    void beginsWithItsFilesAndItsTime() {
        String id = api.upload("in", "content");
        Instant before = Clock.systemUTC().instant();
        Answer answer = api.post("/v1/sessions", """
                {"ttl_seconds": 100, "files": [{"path": "dir/in", "file_id": "ID"}, {"path": "__main__.py", "file_id": "ID"}]}
                """.replace("ID", id));
        Instant after = Clock.systemUTC().instant();
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().keySet()).containsExactly("session_id", "expires_at");
        assertThat(answer.json().getString("session_id")).matches("code-session-[0-9a-f]{32}");
        assertThat(expiry(answer))
                .isBetween(
                        before.plusSeconds(100).minusMillis(1),
                        after.plusSeconds(100).plusMillis(1));
        try (Session session = new Session(api, answer.json().getString("session_id"))) {
            assertThat(session.bash("cat dir/in __main__.py").stdout()).isEqualTo("contentcontent");
            assertThat(session.files()).isEqualTo(Map.of("dir/in", 7, "__main__.py", 7));
            assertThat(api.delete("/v1/files/" + id).status()).isEqualTo(204);
            assertThat(session.bash("cat dir/in").stdout()).isEqualTo("content");
        }
    }

    @Test
    void lastsAQuarterOfAnHourUnlessToldOtherwise() {
        Instant before = Clock.systemUTC().instant();
        Answer answer = api.post("/v1/sessions", "{}");
        try (Session session = new Session(api, answer.json().getString("session_id"))) {
            assertThat(expiry(answer)).isBetween(before.plusSeconds(899), before.plusSeconds(910));
            Answer asked = session.get();
            assertThat(asked.json().keySet()).containsExactly("session_id", "expires_at");
            assertThat(asked.json().getString("session_id")).isEqualTo(session.id());
            assertThat(Duration.between(expiry(answer), expiry(asked)).abs()).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void refusesFilesThatDoNotFitAndLeavesNothing() {
        int before = service.engine().sandboxes().size();
        String id = api.upload("x", "x".repeat(3 << 19));
        Answer answer = api.post("/v1/sessions", """
                {"files": [{"path": "a", "file_id": "ID"}, {"path": "b", "file_id": "ID"}, {"path": "c", "file_id": "ID"}]}
                """.replace("ID", id));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.detail()).isEqualTo("The files do not fit into the workspace.");
        Await.until(
                "no more sandboxes than before",
                PROMPT,
                () -> service.engine().sandboxes().size() == before);
    }

    @Test
    void endsAtItsTime() {
        Session session = Session.begin(api, "{\"ttl_seconds\":2}");
        assertThat(session.bash("sleep 300 > /dev/null & echo begun").stdout()).isEqualTo("begun\n");
        Await.until(
                "its end",
                Duration.ofSeconds(2).plus(PROMPT),
                () -> session.get().status() == 404);
        assertGone(session);
    }

    @Test
    void endsAtItsTimeUnderACommand() {
        Session session = Session.begin(api, "{\"ttl_seconds\":2}");
        Answer answer = session.tryBash("sleep 300", 20_000);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
        assertGone(session);
    }

    @Test
    void endsAtItsTimeWithNoServiceAtAll() {
        ServiceProcess other = ServiceProcess.start(Map.of());
        try {
            Session session = Session.begin(other.api(), "{\"ttl_seconds\":5}");
            other.kill();
            // A node reports once a second what runs.
            Await.until("a session that goes on", PROMPT, () -> other.engine().isRunning(session.id()));
            other.engine().awaitNoneAlive(Duration.ofSeconds(5).plus(PROMPT));
            other.close();
        } finally {
            other.close();
        }
    }

    @Test
    void endsWhenItIsTold() {
        Session session = Session.begin(api);
        assertThat(session.end().status()).isEqualTo(204);
        assertGone(session);
        assertThat(session.end().status()).isEqualTo(404);
    }

    @Test
    void endsUnderACommandWhenItIsTold() throws Exception {
        Session session = Session.begin(api);
        FutureTask<Answer> command = new FutureTask<>(() -> session.tryBash("echo > begun; sleep 300", 20_000));
        Thread.ofVirtual().start(command);
        Await.until("a running command", PROMPT, () -> session.files().containsKey("begun"));
        assertThat(session.end().status()).isEqualTo(204);
        assertThat(command.get().status()).isEqualTo(404);
        assertThat(command.get().detail()).isEqualTo("Session '%s' not found".formatted(session.id()));
    }

    @Test
    void livesLongerWhenItIsKeptAlive() {
        Session session = Session.begin(api, "{\"ttl_seconds\":6}");
        Instant first = expiry(session.get());
        Instant before = Clock.systemUTC().instant();
        Answer answer = session.keepAlive(60);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().getString("session_id")).isEqualTo(session.id());
        assertThat(expiry(answer)).isBetween(before.plusSeconds(59), before.plusSeconds(65));
        Await.until(
                "its first end pass",
                Duration.ofSeconds(10),
                () -> Clock.systemUTC().instant().isAfter(first.plusSeconds(1)));
        assertThat(session.bash("echo alive").stdout()).isEqualTo("alive\n");
        assertThat(expiry(session.get())).isBetween(before.plusSeconds(59), before.plusSeconds(65));
        // A shorter time counts as well.
        assertThat(session.keepAlive(1).status()).isEqualTo(200);
        Await.until("its new end", PROMPT, () -> session.get().status() == 404);
        assertGone(session);
    }

    // Files.

    @Test
    void readsWritesAndListsFiles() {
        try (Session session = Session.begin(api)) {
            assertThat(session.files()).isEmpty();
            byte[] bytes = new byte[256];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            assertThat(session.write("d/e/b.bin", bytes).status()).isEqualTo(204);
            assertThat(session.write("%C3%A4%20%25.txt", "text".getBytes(UTF_8)).status())
                    .isEqualTo(204);
            assertThat(session.write("empty", new byte[0]).status()).isEqualTo(204);
            assertThat(session.bash("ln -s /etc/passwd link; mkfifo fifo; mkdir dir")
                            .exited(0))
                    .isTrue();
            assertThat(session.files()).isEqualTo(Map.of("d/e/b.bin", 256, "\u00e4 %.txt", 4, "empty", 0));
            assertThat(session.bash("sha256sum < d/e/b.bin").stdout())
                    .startsWith("40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880 ");
            Answer read = session.read("%C3%A4%20%25.txt");
            assertThat(read.body()).isEqualTo("text");
            assertThat(read.header("content-type")).contains("application/octet-stream");
            assertThat(read.header("content-length")).contains("4");
            assertThat(read.header("x-content-type-options")).contains("nosniff");
            assertThat(session.read("empty").body()).isEmpty();
            assertThat(session.write("empty", "not any more".getBytes(UTF_8)).status())
                    .isEqualTo(204);
            assertThat(session.read("./empty").body()).isEqualTo("not any more");
            assertThat(session.python("open('empty').read()").stdout()).isEqualTo("'not any more'\n");
            assertThat(api.get("/v1/files").body()).as("what passed through").doesNotContain("b.bin", "empty");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // path, status of reading, status of writing, detail
        "missing, 404, 204, There is no such file in the session",
        "dir, 404, 422, There is no such file in the session",
        "link, 404, 422, There is no such file in the session",
        "fifo, 404, 422, There is no such file in the session",
        "outside/passwd, 404, 422, There is no such file in the session",
        "file/below, 404, 422, There is no such file in the session",
        "..%2Fx, 422, 422, File paths must not contain '..'.",
        "a/%2E%2E/x, 422, 422, File paths must not contain '..'.",
        "%2Fetc/passwd, 422, 422, File paths must be relative.",
        ".%2F, 422, 422, File path must not be empty.",
        "a%0Ab, 422, 422, File path 'a\ufffdb' must not contain control characters.",
        "a%00b, 422, 422, File path 'a\ufffdb' must not contain control characters."
    })
    void refusesPathsThatAreNoFile(String path, int reading, int writing, String detail) {
        try (Session session = Session.begin(api)) {
            assertThat(session.bash("mkdir dir; ln -s /etc/passwd link; ln -s /etc outside; mkfifo fifo; echo > file")
                            .exited(0))
                    .isTrue();
            Answer read = session.read(path);
            assertThat(read.status()).as(read.toString()).isEqualTo(reading);
            assertThat(read.detail()).isEqualTo(detail);
            Answer written = session.write(path, "x".getBytes(UTF_8));
            assertThat(written.status()).as(written.toString()).isEqualTo(writing);
            assertThat(session.bash("test -p fifo && test -L link && test -d dir")
                            .exited(0))
                    .isTrue();
        }
    }

    @Test
    void refusesFilesThatAreTooLarge() {
        try (Session session = Session.begin(api)) {
            Answer large = session.write("x", new byte[(2 << 20) + 1]);
            assertThat(large.status()).isEqualTo(413);
            assertThat(large.detail()).isEqualTo("File size exceeds maximum of 2 MB");
            assertThat(session.write("a", new byte[2 << 20]).status()).isEqualTo(204);
            assertThat(session.write("b", new byte[3 << 19]).status()).isEqualTo(204);
            assertThat(session.files()).isEqualTo(Map.of("a", 2 << 20, "b", 3 << 19));
            assertThat(session.bash("truncate -s 3M big").exited(0)).isTrue();
            assertThat(session.read("big").status()).isEqualTo(413);
            assertThat(session.bash("rm big").exited(0)).isTrue();
            assumeTrue(service.engine().boundsDisks(), "the workspace has no size on this engine");
            Answer full = session.write("c", new byte[3 << 19]);
            assertThat(full.status()).isEqualTo(413);
            assertThat(full.detail()).isEqualTo("The files do not fit into the workspace.");
            assertThat(session.files()).isEqualTo(Map.of("a", 2 << 20, "b", 3 << 19));
        }
    }

    // Many sessions, many services.

    @Test
    void keepsSessionsApart() {
        try (Session one = Session.begin(api);
                Session two = Session.begin(api)) {
            assertThat(one.bash("echo 1 > f; echo 1 > /tmp/f").exited(0)).isTrue();
            assertThat(two.bash("ls -A /workspace /tmp | grep f").stdout()).isEmpty();
            assertThat(one.bash("id -u").stdout())
                    .isNotEqualTo(two.bash("id -u").stdout());
        }
    }

    @Test
    void isNoSandboxOfASingleRun() throws IOException {
        try (ServiceProcess other = ServiceProcess.start(Map.of());
                Socket _ = other.api()
                        .begin(Program.of("import time; time.sleep(60)").timeoutMs(60_000))) {
            String name = other.engine().awaitRunning(PROMPT);
            assertThat(new Session(other.api(), name).end().status()).isEqualTo(404);
            assertThat(other.engine().isRunning(name)).isTrue();
        }
    }

    @Test
    void goesOnAfterTheServiceIsKilledInTheMiddleOfACommand() throws IOException {
        ServiceProcess first = ServiceProcess.start(Map.of());
        try {
            Session session = Session.begin(first.api());
            assertThat(session.python("x = 'kept'").exited(0)).isTrue();
            try (Socket _ =
                    first.api().begin(session.path() + "/bash", Session.bashBody("echo > begun; sleep 405", 20_000))) {
                Await.until("a running command", PROMPT, () -> session.files().containsKey("begun"));
                first.kill();
            }
        } catch (RuntimeException | IOException e) {
            first.close();
            throw e;
        }
        try (ServiceProcess second = first.successor();
                Session session = new Session(second.api(), second.engine().awaitRunning(PROMPT))) {
            assertThat(session.get().status()).isEqualTo(200);
            assertThat(session.files()).isEqualTo(Map.of("begun", 1));
            assertThat(session.python("x").stdout()).isEqualTo("'kept'\n");
            Await.until(
                    "the end of the command that nobody waits for",
                    PROMPT,
                    () -> !session.sleepers().contains("sleep 405"));
        }
    }

    @Test
    void isServedByAnyService() {
        try (ServiceProcess other = ServiceProcess.start(Map.of());
                Session session = Session.begin(api)) {
            Session elsewhere = session.through(other.api());
            assertThat(session.python("x = 1; open('f', 'w').write('y')").exited(0))
                    .isTrue();
            assertThat(elsewhere.python("x + 1").stdout()).isEqualTo("2\n");
            assertThat(elsewhere.files()).isEqualTo(Map.of("f", 1));
            assertThat(elsewhere.keepAlive(100).status()).isEqualTo(200);
            assertThat(other.stop()).isZero();
            assertThat(session.bash("cat f").stdout()).isEqualTo("y");
        }
    }

    private static void assertGone(Session session) {
        assertThat(session.get().status()).isEqualTo(404);
        assertThat(session.tryBash("true", 1000).status()).isEqualTo(404);
        Await.until("no container", PROMPT, () -> !service.engine().isRunning(session.id()));
    }

    private static Instant expiry(Answer answer) {
        double seconds = answer.json().getJsonNumber("expires_at").doubleValue();
        return Instant.ofEpochMilli(Math.round(seconds * 1000));
    }
}
