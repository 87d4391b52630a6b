package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the service answers is what its description says: statuses, headers and every member of every body. */
@Tag("complete")
@Timeout(90)
class OpenApiAnswersIT {
    private static final String UNKNOWN = "/v1/sessions/code-session-0123456789abcdef0123456789abcdef";
    private static final String NOBODYS = "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11";
    private static final Pattern CALLS = Pattern.compile("/v1/sessions/\\{session_id}(/keepalive|/files.*)?");
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    private static ServiceProcess service;
    private static Api api;
    private static OpenApi openApi;
    private static String id = "";

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_FILE_SIZE_MB", "1", "FILE_STORAGE_MAX_MB", "2", "MAX_STAGED_MB", "1", "MAX_REQUEST_MB", "1"));
        api = service.api();
        openApi = OpenApi.of(api);
        id = api.upload("x", "x".repeat(600 << 10));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** Answers that have been compared, by the names of their operations. */
    private static final class Log {
        private final Set<String> seen = new TreeSet<>();

        Answer add(String operation, Answer answer) {
            openApi.requireDescribed(openApi.operation(operation), answer);
            seen.add(operation + " " + answer.status());
            return answer;
        }
    }

    @Test
    void succeedsAsDescribed() {
        Log log = new Log();
        for (String path :
                List.of("/health", "/ready", "/openapi.json", "/docs", "/redoc", "/v1/sandbox", "/v1/usage")) {
            log.add("GET " + path, api.get(path));
        }
        for (String path : List.of("/openapi.json", "/docs", "/redoc")) {
            String tag = api.get(path).header("etag").orElseThrow();
            log.add("GET " + path, api.send("GET", path, Map.of("If-None-Match", tag), ""));
        }
        for (String id : List.of("\"id\":1,", "")) {
            log.add("POST /mcp", api.post("/mcp", "{\"jsonrpc\":\"2.0\",%s\"method\":\"ping\"}".formatted(id)));
        }
        files(log);
        programs(log);
        session(log);
        Stream<String> described = openApi.operations().stream()
                .flatMap(operation -> OpenApi.successes(operation).map(status -> operation + " " + status));
        assertThat(log.seen).containsAll(described.toList()).contains("GET /docs 304", "GET /openapi.json 304");
    }

    private static void files(Log log) {
        Answer stored = log.add("POST /v1/files", api.tryUpload("a b", BodyPublishers.ofString("x")));
        String path = "/v1/files/" + stored.json().getString("file_id");
        log.add("GET /v1/files", api.get("/v1/files"));
        log.add("GET /v1/files/{file_id}", api.get(path));
        log.add("DELETE /v1/files/{file_id}", api.delete(path));
    }

    private static void programs(Log log) {
        Stream.of(
                        Program.of("import os; os.mkfifo('p'); open('f', 'w').close(); print('x')"),
                        Program.of("1 / 0").file("staged", id),
                        Program.of("import time; print('x'); time.sleep(60)").timeoutMs(500),
                        Program.of("import os; os.kill(os.getpid(), 9)"),
                        Program.of("print('x' * 2_000_000)"))
                .map(program -> program.toJson().toString())
                .forEach(body -> {
                    log.add("POST /v1/execute", api.execute(body));
                    log.add("POST /v1/execute/stream", api.post("/v1/execute/stream", body));
                });
    }

    private static void session(Log log) {
        String place = "/v1/sessions/{session_id}";
        Answer begun = log.add("POST /v1/sessions", api.post("/v1/sessions", "{}"));
        double left = begun.json().getJsonNumber("expires_at").doubleValue()
                - Clock.systemUTC().millis() / 1e3;
        JsonObject request =
                openApi.requestSchema(openApi.operation("POST /v1/sessions")).orElseThrow();
        int timeToLive = openApi.resolve(request.getJsonObject("properties").getJsonObject("ttl_seconds"))
                .getInt("default");
        assertThat(left).isBetween(timeToLive - 30.0, timeToLive + 1.0);
        try (Session session = new Session(api, begun.json().getString("session_id"))) {
            log.add("GET " + place, session.get());
            log.add("POST " + place + "/keepalive", session.keepAlive(600));
            String line = Session.bashBody("echo x; echo y >&2; exit 3", 5000);
            log.add("POST " + place + "/bash", api.post(session.path() + "/bash", line));
            log.add("POST " + place + "/bash/stream", api.post(session.path() + "/bash/stream", line));
            String code = Program.of("open('made', 'w').write('x'); print('x'); y = 1; y")
                    .toJson()
                    .toString();
            log.add("POST " + place + "/python", api.post(session.path() + "/python", code));
            log.add("POST " + place + "/python/stream", api.post(session.path() + "/python/stream", code));
            log.add("POST " + place + "/files/{path}", session.write("a/b", new byte[3]));
            log.add("GET " + place + "/files", api.get(session.path() + "/files"));
            log.add("GET " + place + "/files/{path}", session.read("a/b"));
            log.add("GET " + place + "/files/{path}", session.read("a/nothing"));
            log.add("GET " + place + "/files/{path}", session.read("a%2F..%2Fb"));
            log.add("POST " + place + "/files/{path}", session.write("big", new byte[(1 << 20) + 1]));
            log.add("DELETE " + place + "/files/{path}", api.delete(session.path() + "/files/a/b"));
            log.add("DELETE " + place + "/files/{path}", api.delete(session.path() + "/files/a"));
            log.add("DELETE " + place, session.end());
            log.add("DELETE " + place, session.end());
        }
        assertThat(log.seen)
                .contains(
                        "GET " + place + "/files/{path} 404",
                        "GET " + place + "/files/{path} 422",
                        "POST " + place + "/files/{path} 413",
                        "DELETE " + place + " 404");
    }

    /** @param body where ID stands for a stored file of 600 kB; it is sent as Latin 1 */
    record Refused(String operation, String path, Map<String, String> headers, String body, int status) {
        Refused(String path, String body, int status) {
            this(described(path), path, JSON, body.replace("ID", id), status);
        }

        @Override
        public String toString() {
            return "%s: %d".formatted(operation, status);
        }
    }

    private static String described(String path) {
        return "POST " + path.replace(UNKNOWN, "/v1/sessions/{session_id}");
    }

    static Stream<Refused> refusedBodies() {
        String staged =
                "{\"code\":\"1\",\"files\":[{\"path\":\"a\",\"file_id\":\"ID\"},{\"path\":\"%s\",\"file_id\":\"ID\"}]}";
        return Stream.of(
                        "/v1/execute",
                        "/v1/execute/stream",
                        "/v1/sessions",
                        UNKNOWN + "/keepalive",
                        UNKNOWN + "/bash",
                        UNKNOWN + "/bash/stream",
                        UNKNOWN + "/python",
                        UNKNOWN + "/python/stream")
                .flatMap(path -> {
                    Stream<Refused> all = Stream.of(
                            new Refused(path, "\"\u00ff\"", 400),
                            new Refused(path, "\"" + "x".repeat(1 << 20) + "\"", 413),
                            new Refused(described(path), path, Map.of("Content-Encoding", "gzip"), "{}", 415),
                            new Refused(path, "", 422),
                            new Refused(path, "[1]", 422),
                            new Refused(path, "{", 422),
                            new Refused(described(path), path, Map.of("Content-Type", "text/plain"), "{}", 422));
                    Stream<Refused> files = Stream.of(
                            new Refused(path, staged.formatted("../x"), 422),
                            new Refused(path, staged.formatted("b"), 413));
                    return path.contains("code-session") ? all : Stream.concat(all, files);
                });
    }

    @ParameterizedTest
    @MethodSource("refusedBodies")
    void refusesABodyAsDescribed(Refused row) {
        Answer answer = api.send("POST", row.path(), row.headers(), BodyPublishers.ofString(row.body(), ISO_8859_1));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(row.status());
        openApi.requireDescribed(openApi.operation(row.operation()), answer);
    }

    @Test
    void refusesUploadsAsDescribed() {
        Log log = new Log();
        log.add("POST /v1/files", api.send("POST", "/v1/files", JSON, "{}"));
        log.add(
                "POST /v1/files",
                api.sendForm("--{b}\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\n\nx"));
        log.add("POST /v1/files", api.tryUpload("x", BodyPublishers.ofByteArray(new byte[(1 << 20) + 1])));
        log.add("POST /v1/files", api.tryUpload("x".repeat(1025), BodyPublishers.ofString("x")));
        String half = api.upload("x", BodyPublishers.ofByteArray(new byte[1 << 20]));
        log.add("POST /v1/files", api.tryUpload("x", BodyPublishers.ofByteArray(new byte[1 << 20])));
        log.add("DELETE /v1/files/{file_id}", api.delete("/v1/files/" + half));
        log.add("DELETE /v1/files/{file_id}", api.delete("/v1/files/" + half));
        log.add("GET /v1/files", api.get("/v1/files?after=" + NOBODYS));
        assertThat(log.seen)
                .containsExactlyInAnyOrder(
                        "POST /v1/files 400",
                        "POST /v1/files 413",
                        "POST /v1/files 422",
                        "POST /v1/files 507",
                        "DELETE /v1/files/{file_id} 204",
                        "DELETE /v1/files/{file_id} 404",
                        "GET /v1/files 404");
    }

    /** Its own fault: said without a word about what or where, and nobody else suffers from it. */
    @Test
    void failsAsDescribed() throws IOException {
        String broken = api.upload("x", "x");
        String place = service.stored().keySet().stream()
                .filter(path -> path.endsWith(broken + "/content"))
                .findFirst()
                .orElseThrow();
        Files.delete(service.storage().resolve(place));
        Files.createSymbolicLink(service.storage().resolve(place), service.storage());
        Answer answer = api.get("/v1/files/" + broken);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("{\"detail\":\"Internal Server Error\",\"code\":\"internal\"}");
        openApi.requireDescribed(openApi.operation("GET /v1/files/{file_id}"), answer);
        Answer run = api.execute(Program.of("1").file("x", broken));
        assertThat(run.status()).as(run.toString()).isEqualTo(500);
        assertThat(run.body()).isEqualTo("{\"detail\":\"Internal Server Error\",\"code\":\"internal\"}");
        assertThat(api.run("1").stdout()).isEqualTo("1\n");
        assertThat(api.delete("/v1/files/" + broken).status()).isEqualTo(204);
    }

    @Test
    void isUnavailableAsDescribed() {
        Map<String, String> noEngine = Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock");
        try (ServiceProcess lost = ServiceProcess.start(noEngine)) {
            assertThat(openApi.operations().stream()
                            .filter(operation ->
                                    operation.json().getJsonObject("responses").containsKey("503"))
                            .filter(operation -> !operation.path().equals("/health")))
                    .isNotEmpty()
                    .allSatisfy(operation -> {
                        String path = operation
                                .path()
                                .replace("/v1/sessions/{session_id}", UNKNOWN)
                                .replace("{path}", "x");
                        String body = operation.method().equals("POST")
                                ? "{\"code\":\"\",\"cmd\":\"\",\"ttl_seconds\":5}"
                                : "";
                        Answer answer = lost.api().send(operation.method(), path, JSON, body);
                        assertThat(answer.status())
                                .as("%s: %s", operation, answer)
                                .isEqualTo(503);
                        openApi.requireDescribed(operation, answer);
                    });
            openApi.requireDescribed(
                    openApi.operation("GET /health"), lost.api().get("/health"));
        }
    }

    @Test
    void isSaturatedAsDescribed() {
        Map<String, String> one = Map.of("MAX_CONCURRENT_EXECUTIONS", "1", "EXECUTION_QUEUE_TIMEOUT_SEC", "0.1");
        String code = Program.of("import os, time; os.write(1, b'1\\n'); time.sleep(50)")
                .timeoutMs(60_000)
                .toJson()
                .toString();
        try (ServiceProcess small = ServiceProcess.start(one);
                Session session = Session.begin(small.api());
                EventReader running = small.api().stream("/v1/execute/stream", code)) {
            assertThat(running.require().text()).isEqualTo("1\n");
            assertThat(openApi.operations().stream()
                            .filter(operation ->
                                    operation.json().getJsonObject("responses").containsKey("429"))
                            // A tool that finds no permit says so in its result.
                            .filter(operation -> !operation.path().equals("/mcp"))
                            // What else can be 429 has permits of its own, for which it needs no run.
                            .filter(operation ->
                                    !CALLS.matcher(operation.path()).matches()))
                    .hasSize(7)
                    .allSatisfy(operation -> {
                        String path = operation.path().replace("/v1/sessions/{session_id}", session.path());
                        Answer answer = small.api().post(path, "{\"code\":\"\",\"cmd\":\"\"}");
                        assertThat(answer.status())
                                .as("%s: %s", operation, answer)
                                .isEqualTo(429);
                        openApi.requireDescribed(operation, answer);
                    });
        }
    }
}
