package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.auth.TestIssuer;
import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.KeysFile;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every endpoint that the running service describes, and every route besides, by every kind of credential. */
class KeysIT {
    private static final String PROGRAM = "{\"code\": \"1\"}";
    private static final List<String> OPEN =
            List.of("GET /health", "GET /ready", "GET /docs", "GET /docs/start.js", "GET /openapi.json");
    private static final List<String> ROUTES = List.of(
            "GET /metrics",
            "GET /health/live",
            "GET /health/ready",
            "GET /health/started",
            "GET /docs/start.js",
            "GET /nothing",
            "GET /");

    private static final KeysFile KEYS = KeysFile.create();
    private static final String RIGHT = KEYS.add("acme");
    private static final String OTHER = KEYS.add("beta");
    private static final String SCOPELESS = KEYS.add("acme", "", "");
    private static final String EXPIRED = KEYS.add("acme", KeysFile.ALL, ",\"expires_at\":\"2020-01-01T00:00:00Z\"");
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "METRICS_AUTH", "true"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void theMatrixHasNoCellThatIsOpenByMistake() throws IOException {
        Map<String, Map<String, Integer>> matrix = new TreeMap<>();
        List<String> endpoints = new ArrayList<>(ROUTES);
        OpenApi.of(service.api()).operations().forEach(operation -> endpoints.add(operation.toString()));
        for (String endpoint : endpoints) {
            Map<String, Integer> row = new TreeMap<>();
            row.put("none", ask(endpoint, Map.of()));
            row.put("wrong", ask(endpoint, KeysFile.bearer("ci_" + "x".repeat(43))));
            row.put("expired", ask(endpoint, KeysFile.bearer(EXPIRED)));
            row.put("scopeless", ask(endpoint, KeysFile.bearer(SCOPELESS)));
            row.put("other", ask(endpoint, KeysFile.bearer(OTHER)));
            row.put("right", ask(endpoint, KeysFile.bearer(RIGHT)));
            matrix.put(endpoint, row);
        }
        StringBuilder table = new StringBuilder();
        matrix.forEach((endpoint, row) -> table.append("%-60s %s%n".formatted(endpoint, row)));
        Files.writeString(Path.of("target/keys-matrix.txt"), table);
        matrix.forEach((endpoint, row) -> {
            boolean isOpen = OPEN.contains(endpoint)
                    || endpoint.startsWith("GET /health/")
                    || endpoint.startsWith("GET /docs")
                    || endpoint.equals("GET /");
            // The playground's page is open, and only there for browsers.
            int opened = endpoint.equals("GET /") ? 404 : 200;
            assertThat(row.get("none")).as(endpoint + " without a key").isEqualTo(isOpen ? opened : 401);
            assertThat(row.get("wrong")).as(endpoint + " with a wrong key").isEqualTo(isOpen ? opened : 401);
            assertThat(row.get("expired")).as(endpoint + " with an expired key").isEqualTo(isOpen ? opened : 401);
            assertThat(row.get("right")).as(endpoint + " with the right key").isNotIn(401, 403, 405, 500);
            boolean needsAScope = endpoint.contains("/v1/") && !endpoint.endsWith("/v1/sandbox");
            if (needsAScope || endpoint.equals("GET /metrics")) {
                assertThat(row.get("scopeless"))
                        .as(endpoint + " without the scope")
                        .isEqualTo(403);
            }
            if (endpoint.contains("{")) {
                assertThat(row.get("other")).as(endpoint + " of another").isIn(404, 422);
            }
        });
        assertThat(matrix.keySet()).hasSizeGreaterThan(25);
    }

    @Test
    void anErrorIsJsonAndSaysHowToComeIn() {
        Answer answer = service.api().get("/v1/files");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate")).contains("Bearer");
        assertThat(answer.code()).isEqualTo("unauthorized");
        assertThat(answer.header("x-request-id")).isPresent();
        Answer forbidden = service.api().send("GET", "/v1/files", KeysFile.bearer(SCOPELESS), "");
        assertThat(forbidden.code()).isEqualTo("forbidden");
        assertThat(forbidden.detail()).contains("'files'");
    }

    @Test
    void filesAreTheirTenantsOnly() {
        Api api = service.api();
        String id = upload(RIGHT);
        assertThat(list(RIGHT)).contains(id);
        assertThat(list(OTHER)).doesNotContain(id);
        Answer others = api.send("GET", "/v1/files/" + id, KeysFile.bearer(OTHER), "");
        Answer nobodys = api.send("GET", "/v1/files/00000000-0000-4000-8000-000000000000", KeysFile.bearer(OTHER), "");
        assertThat(others.status()).isEqualTo(404);
        assertThat(others.body().replace(id, "ID"))
                .isEqualTo(nobodys.body().replace("00000000-0000-4000-8000-000000000000", "ID"));
        assertThat(api.send("DELETE", "/v1/files/" + id, KeysFile.bearer(OTHER), "")
                        .status())
                .isEqualTo(404);
        assertThat(api.send("GET", "/v1/files?after=" + id, KeysFile.bearer(OTHER), "")
                        .status())
                .isEqualTo(404);
        String staging = "{\"code\":\"1\",\"files\":[{\"path\":\"a\",\"file_id\":\"%s\"}]}".formatted(id);
        for (String path : List.of("/v1/execute", "/v1/execute/stream", "/v1/sessions")) {
            assertThat(api.send("POST", path, KeysFile.bearer(OTHER), staging).status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(api.send("POST", "/v1/execute", KeysFile.bearer(RIGHT), staging)
                        .status())
                .isEqualTo(200);
        assertThat(api.send("DELETE", "/v1/files/" + id, KeysFile.bearer(RIGHT), "")
                        .status())
                .isEqualTo(204);
    }

    @Test
    void sessionsAreTheirTenantsOnly() {
        Api api = service.api();
        Answer created = api.send("POST", "/v1/sessions", KeysFile.bearer(RIGHT), "{}");
        assertThat(created.status()).isEqualTo(201);
        String path = "/v1/sessions/" + created.json().getString("session_id");
        Map<String, String> other = KeysFile.bearer(OTHER);
        assertThat(api.send("GET", path, other, "").status()).isEqualTo(404);
        assertThat(api.send("POST", path + "/keepalive", other, "{\"ttl_seconds\":9}")
                        .status())
                .isEqualTo(404);
        assertThat(api.send("POST", path + "/bash", other, "{\"cmd\":\"id\"}").status())
                .isEqualTo(404);
        assertThat(api.send("POST", path + "/python", other, PROGRAM).status()).isEqualTo(404);
        assertThat(api.send("GET", path + "/files", other, "").status()).isEqualTo(404);
        assertThat(api.send("GET", path + "/files/a", other, "").status()).isEqualTo(404);
        assertThat(api.send("POST", path + "/files/a", other, "x").status()).isEqualTo(404);
        assertThat(api.send("DELETE", path, other, "").status()).isEqualTo(404);
        assertThat(api.send("DELETE", path, KeysFile.bearer(RIGHT), "").status())
                .isEqualTo(204);
    }

    @Test
    void aNewKeyOpensWithoutARestartAndAFileThatIsSpoiltKeepsTheOld() throws IOException {
        String added = KEYS.add("acme");
        Await.until("the new key", Duration.ofSeconds(30), () -> status(added) == 200);
        String good = Files.readString(KEYS.path());
        Files.writeString(KEYS.path(), "{");
        Await.until(
                "a problem",
                Duration.ofSeconds(30),
                () -> service.api().get("/ready").status() == 503);
        assertThat(service.api().get("/ready").json().getString("message")).contains("AUTH_KEYS_FILE");
        assertThat(status(added)).isEqualTo(200);
        Files.writeString(KEYS.path(), good);
        Await.until(
                "no problem",
                Duration.ofSeconds(30),
                () -> service.api().get("/ready").status() == 200);
    }

    @Test
    void tokensOfAnIssuerOpenToo() throws Exception {
        try (TestIssuer issuer = TestIssuer.start();
                ServiceProcess withTokens = ServiceProcess.onFake(Map.of(
                        "AUTH_JWT_ISSUER",
                        issuer.name(),
                        "AUTH_JWT_AUDIENCE",
                        "ci",
                        "AUTH_KEYS_FILE",
                        KEYS.path().toString()))) {
            var key = TestIssuer.rsa("one", 2048);
            issuer.offer(key);
            String token = TestIssuer.token(key, issuer.name(), "ci", "ann", "execute");
            assertThat(withTokens
                            .api()
                            .send("POST", "/v1/execute", KeysFile.bearer(token), PROGRAM)
                            .status())
                    .isEqualTo(200);
            assertThat(withTokens
                            .api()
                            .send("GET", "/v1/files", KeysFile.bearer(token), "")
                            .status())
                    .isEqualTo(403);
            assertThat(withTokens
                            .api()
                            .send("GET", "/v1/files", KeysFile.bearer(RIGHT), "")
                            .status())
                    .isEqualTo(200);
            String elsewhere = TestIssuer.token(key, issuer.name(), "elsewhere", "ann", "execute");
            assertThat(withTokens
                            .api()
                            .send("POST", "/v1/execute", KeysFile.bearer(elsewhere), PROGRAM)
                            .status())
                    .isEqualTo(401);
        }
    }

    /** A path of an endpoint, with what exists of the right tenant in it where that matters. */
    private static int ask(String endpoint, Map<String, String> headers) {
        String method = endpoint.substring(0, endpoint.indexOf(' '));
        String path = endpoint.substring(endpoint.indexOf(' ') + 1)
                .replace("{session_id}", "code-session-" + "0".repeat(32))
                .replace("{path}", "a.txt");
        if (path.contains("{file_id}")) {
            path = path.replace("{file_id}", upload(RIGHT));
        }
        String body = method.equals("POST") ? "{\"code\":\"1\",\"cmd\":\"id\",\"ttl_seconds\":9}" : "";
        int number = ADDRESSES.incrementAndGet();
        // Each from another address: of one that sends many wrong keys the answers wait.
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(
                        InetAddress.getByAddress(new byte[] {127, 1, (byte) (number / 200), (byte) (1 + number % 200)}))
                .build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(service.api().uri(path))
                    .timeout(Duration.ofMinutes(1))
                    .method(method, BodyPublishers.ofString(body));
            headers.forEach(request::header);
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int status(String key) {
        return service.api().send("GET", "/v1/files", KeysFile.bearer(key), "").status();
    }

    private static String list(String key) {
        return service.api().send("GET", "/v1/files", KeysFile.bearer(key), "").body();
    }

    private static String upload(String key) {
        Answer answer = service.api()
                .send(
                        "POST",
                        "/v1/files",
                        Map.of("Authorization", "Bearer " + key, "Content-Type", "multipart/form-data; boundary=b"),
                        BodyPublishers.ofString(
                                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n"));
        assertThat(answer.status()).isEqualTo(201);
        return answer.json().getString("file_id");
    }
}
