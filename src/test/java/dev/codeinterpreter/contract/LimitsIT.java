package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator bounds: runs at once, the store's size, and how long and how many files it keeps. */
@Timeout(90)
class LimitsIT {
    private static final Duration LIFETIME = Duration.ofSeconds(4);

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_CONCURRENT_EXECUTIONS", "1",
                "EXECUTION_QUEUE_TIMEOUT_SEC", "0.3",
                "FILE_TTL_SEC", Long.toString(LIFETIME.toSeconds()),
                "FILE_STORAGE_MAX_MB", "2",
                "MAX_OUTPUT_FILES", "3",
                "MAX_OUTPUT_BYTES", "100"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void turnsAwayWhatWaitsTooLong() throws IOException {
        Program sleeper = Program.of("import time; time.sleep(60)").timeoutMs(60_000);
        Answer refused;
        try (Socket _ = service.api().begin(sleeper)) {
            Object _ = service.engine().awaitRunning(Duration.ofSeconds(20));
            refused = service.api().execute(Program.of("print(1)"));
            Answer malformed = service.api().execute("{}");
            assertThat(malformed.status()).as("checks come before the queue").isEqualTo(422);
        }
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.body())
                .isEqualTo(
                        "{\"detail\":\"Execution capacity on this replica is saturated. Retry after the Retry-After delay.\",\"code\":\"concurrency_limit\"}");
        assertThat(refused.header("retry-after")).contains("2");
        // The sleeper's client has gone, so its place becomes free.
        assertThat(whenFree(Program.of("print(1)")).stdout()).isEqualTo("1\n");
    }

    @Test
    void letsARequestWaitForItsPlace() throws IOException {
        try (ServiceProcess small = ServiceProcess.start(Map.of("MAX_CONCURRENT_EXECUTIONS", "1"));
                Socket first = small.api().begin(Program.of("import time; time.sleep(1)"))) {
            Object _ = small.engine().awaitRunning(Duration.ofSeconds(20));
            Result waited = small.api().run("2");
            assertThat(waited.stdout()).isEqualTo("2\n");
            assertThat(Api.answer(first)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void cutsOutputAtTheOperatorsLimit() {
        Result result = whenFree(Program.of("print('a' * 1000)"));
        assertThat(result.stdout()).isEqualTo("a".repeat(68) + "\n...[truncated]");
    }

    @Test
    void returnsAsManyFilesAsTheOperatorAllows() {
        Result result = whenFree(Program.of("for name in 'abcdef': open(name, 'w').close()"));
        assertThat(result.files()).hasSize(3);
        assertThat(result.skipped()).containsValue("file_limit");
    }

    @Test
    void forgetsFilesAtTheEndOfTheirLife() {
        Api api = service.api();
        String id = api.upload("x", "short-lived");
        Await.until(
                "the end of the file",
                LIFETIME.plusSeconds(5),
                () -> api.get("/v1/files/" + id).status() == 404);
        assertThat(api.get("/v1/files").body()).doesNotContain(id);
        assertThat(api.execute(Program.of("1").file("x", id)).status()).isEqualTo(404);
        assertThat(api.delete("/v1/files/" + id).status()).isEqualTo(404);
        Await.until(
                "an empty place on the disk",
                Duration.ofSeconds(10),
                () -> service.stored().keySet().stream().noneMatch(path -> path.contains(id)));
    }

    @Test
    void refusesFilesForWhichTheStoreHasNoRoom() {
        Api api = service.api();
        Await.until(
                "an empty store",
                LIFETIME.plusSeconds(10),
                () -> api.get("/v1/files").body().equals("{\"files\":[]}"));
        String first = api.upload("x", BodyPublishers.ofByteArray(new byte[1 << 20]));
        Answer refused = api.tryUpload("y", BodyPublishers.ofByteArray(new byte[(1 << 20) + 1]));
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.body())
                .isEqualTo("{\"detail\":\"Stored files exceed maximum of 2 MB\",\"code\":\"storage_full\"}");
        Result result = whenFree(Program.of("open('big', 'wb').write(bytes(2 << 20)); open('small', 'w').close()"));
        assertThat(result.files().keySet()).containsExactly("small");
        assertThat(result.skipped()).isEqualTo(Map.of("big", "storage_full"));
        api.delete("/v1/files/" + first);
        assertThat(service.stored().keySet()).noneMatch(path -> path.startsWith("incoming/"));
    }

    /** The one place is given back a moment after the answer. */
    private static Result whenFree(Program program) {
        return Await.value("a free place", Duration.ofSeconds(10), () -> {
                    Answer answer = service.api().execute(program);
                    return answer.status() == 429 ? Optional.empty() : Optional.of(answer);
                })
                .result();
    }
}
