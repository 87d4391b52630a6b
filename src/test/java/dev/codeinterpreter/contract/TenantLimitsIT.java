package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.KeysFile;
import dev.codeinterpreter.harness.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one tenant may have, and that it takes nothing of what another may. Programs take 200 ms, of which four run at once. */
@Timeout(120)
class TenantLimitsIT {
    private static final String PROGRAM = "{\"code\": \"1\"}";
    private static final KeysFile KEYS = KeysFile.create();
    private static final String LOUD = KEYS.add("loud");
    private static final String QUIET = KEYS.add("quiet");
    private static final String NARROW = KEYS.add("narrow");
    private static final String RARE = KEYS.add("rare");
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        KEYS.limit("narrow", ",\"max_concurrent\":1,\"max_sessions\":1,\"storage_mb\":1,\"max_timeout_ms\":500")
                .limit("rare", ",\"requests_per_minute\":3");
        service = ServiceProcess.onFake(Map.of(
                "AUTH_KEYS_FILE",
                KEYS.path().toString(),
                "FAKE_RUN_MS",
                "200",
                "MAX_CONCURRENT_EXECUTIONS",
                "4",
                "EXECUTION_QUEUE_TIMEOUT_SEC",
                "60"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** 200 requests at four places take ten seconds; a run of another takes its turn. */
    @Test
    void aTenantWithHundredsOfRequestsDoesNotStarveAnother() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> loud = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                loud.add(threads.submit(run(LOUD)));
            }
            loud.getFirst().get();
            List<Long> waits = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                waits.add(run(QUIET).call());
            }
            long stillWaiting = loud.stream().filter(future -> !future.isDone()).count();
            Files.writeString(
                    Path.of("target/fairness.txt"),
                    "ms of another's runs: %s, meanwhile %d of 200 still wait%n".formatted(waits, stillWaiting));
            assertThat(stillWaiting).as("of the loud one").isGreaterThan(50);
            assertThat(waits).allSatisfy(millis -> assertThat(millis).isLessThan(2500));
            for (Future<Long> future : loud) {
                future.get();
            }
        }
    }

    @Test
    void aTenantHasItsOwnLimitOfOperationsAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long start = System.nanoTime();
            List<Future<Long>> runs = List.of(
                    threads.submit(run(NARROW)),
                    threads.submit(run(NARROW)),
                    threads.submit(run(NARROW)),
                    threads.submit(run(NARROW)));
            for (Future<Long> future : runs) {
                future.get();
            }
            assertThat(System.nanoTime() - start)
                    .isGreaterThan(Duration.ofMillis(800).toNanos());
        }
    }

    @Test
    void aTenantHasItsOwnLimitOfSessionsTimeAndStorage() {
        assertThat(post("/v1/sessions", NARROW, "{}").status()).isEqualTo(201);
        Answer second = post("/v1/sessions", NARROW, "{}");
        assertThat(second.status()).isEqualTo(429);
        assertThat(second.code()).isEqualTo("concurrency_limit");
        assertThat(second.detail()).contains("1 sessions (max_sessions)");
        assertThat(post("/v1/sessions", QUIET, "{}").status()).isEqualTo(201);

        Answer slow = post("/v1/execute", NARROW, "{\"code\":\"1\",\"timeout_ms\":501}");
        assertThat(slow.status()).isEqualTo(422);
        assertThat(slow.detail()).isEqualTo("timeout_ms exceeds maximum of 500 ms");

        assertThat(upload(NARROW, 700_000).status()).isEqualTo(201);
        Answer full = upload(NARROW, 700_000);
        assertThat(full.status()).isEqualTo(507);
        assertThat(full.code()).isEqualTo("storage_full");
        assertThat(full.detail()).contains("1 MB (storage_mb)");
        assertThat(upload(QUIET, 700_000).status()).isEqualTo(201);
    }

    @Test
    void requestsAreCountedAndEachAnswerSaysHowManyAreLeft() {
        for (String left : List.of("2", "1", "0")) {
            Answer answer = service.api().send("GET", "/v1/files", KeysFile.bearer(RARE), "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("ratelimit-limit")).contains("3");
            assertThat(answer.header("ratelimit-remaining")).contains(left);
            assertThat(answer.header("ratelimit-reset")).isPresent();
        }
        Answer refused = service.api().send("GET", "/v1/files", KeysFile.bearer(RARE), "");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("rate_limited");
        assertThat(refused.header("retry-after"))
                .hasValueSatisfying(
                        seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1, 20));
        assertThat(service.api().get("/health").header("ratelimit-limit")).isEmpty();
    }

    @Test
    void usageIsTheTenantsOwn() {
        String key = KEYS.add("counted");
        dev.codeinterpreter.harness.Await.until(
                "the key",
                Duration.ofSeconds(30),
                () -> service.api()
                                .send("GET", "/v1/usage", KeysFile.bearer(key), "")
                                .status()
                        == 200);
        post("/v1/execute", key, PROGRAM);
        post("/v1/sessions", key, "{}");
        upload(key, 10);
        var usage =
                service.api().send("GET", "/v1/usage", KeysFile.bearer(key), "").json();
        assertThat(usage.getString("tenant")).isEqualTo("counted");
        assertThat(usage.getString("of")).isEqualTo("process");
        assertThat(usage.getJsonObject("runs").getInt("exited")).isEqualTo(1);
        assertThat(usage.getInt("cpu_ms")).isEqualTo(1);
        assertThat(usage.getInt("sessions")).isEqualTo(1);
        assertThat(usage.getInt("files")).isEqualTo(1);
        String past = service.api()
                .send("GET", "/v1/usage?since=0&until=1000", KeysFile.bearer(key), "")
                .body();
        assertThat(past).contains("\"exited\":0");
        assertThat(service.api()
                        .send("GET", "/v1/usage?since=x", KeysFile.bearer(key), "")
                        .status())
                .isEqualTo(422);
        assertThat(service.api().get("/metrics").body())
                .containsPattern("code_interpreter_tenant_runs_total\\{[^}]*tenant=\"counted\"[^}]*} 1");
    }

    private static Callable<Long> run(String key) {
        return () -> {
            long start = System.nanoTime();
            assertThat(post("/v1/execute", key, "{\"code\": \"1\", \"timeout_ms\": 500}")
                            .status())
                    .isEqualTo(200);
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        };
    }

    private static Answer post(String path, String key, String body) {
        return service.api().send("POST", path, KeysFile.bearer(key), body);
    }

    private static Answer upload(String key, int size) {
        return service.api()
                .send(
                        "POST",
                        "/v1/files",
                        Map.of("Authorization", "Bearer " + key, "Content-Type", "multipart/form-data; boundary=b"),
                        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%s\r\n--b--\r\n"
                                .formatted("x".repeat(size)));
    }
}
