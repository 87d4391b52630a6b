package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.net.Socket;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every HTTP service has: health, its own description, and a word for everything that it does not do. */
@Timeout(60)
class ServiceIT {
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/ready"})
    void saysThatItIsWell(String path) {
        Answer answer = service.api().get("/ready");
        assertThat(answer.status()).isEqualTo(200);
        Answer asked = service.api().get(path);
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.compact())
                .matches("\\{\"status\":\"ok\",\"message\":null,\"version\":\"\\d+\\.\\d+\\.\\d+(-rc\\.\\d+)?\","
                        + "\"executor_backend\":\"docker\",\"network_isolation\":\"docker_network:none\"}");
    }

    @Test
    void isStartedAsItIsShipped() {
        assertThat(service.usesStartCache()).isTrue();
    }

    @Test
    void hasAVersionThatClientsOfTheReferenceAccept() {
        String version = service.api().get("/health").json().getString("version");
        assertThat(ModuleDescriptor.Version.parse(version))
                .isGreaterThanOrEqualTo(ModuleDescriptor.Version.parse("0.4.8"));
    }

    @Test
    void describesItself() {
        Answer answer = service.api().get("/openapi.json");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(answer.json().getString("openapi")).startsWith("3.");
        assertThat(answer.json().getJsonObject("paths").keySet())
                .contains("/health", "/ready", "/v1/execute", "/v1/files", "/v1/files/{file_id}");
    }

    @Test
    void hasAPageForPeople() {
        Answer answer = service.api().get("/docs");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1",
                "/v1/",
                "/v1/nothing",
                "/v1/execute/nothing",
                "/v1/files/a/b",
                "/Health",
                "/health/nothing",
                "/health/live/x",
                "/metrics/x",
                "/observe",
                "/%2e%2e/etc/passwd",
                "/v1/%65xecutes",
                "/favicon.ico"
            })
    void knowsNoOtherPath(String path) {
        Answer answer = service.api().get(path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("{\"detail\":\"Not Found\",\"code\":\"not_found\"}");
        assertThat(answer.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/v1/execute,POST",
        "PUT,/v1/execute,POST",
        "DELETE,/v1/execute,POST",
        "PATCH,/v1/execute,POST",
        "OPTIONS,/v1/execute,POST",
        "PUT,/v1/files,'GET, HEAD, POST'",
        "DELETE,/v1/files,'GET, HEAD, POST'",
        "POST,/v1/files/5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11,'DELETE, GET, HEAD'",
        "PUT,/v1/files/x,'DELETE, GET, HEAD'",
        "POST,/health,'GET, HEAD'",
        "POST,/ready,'GET, HEAD'",
        "OPTIONS,/metrics,'GET, HEAD'",
        "POST,/metrics,'GET, HEAD'",
        "OPTIONS,/health/live,'GET, HEAD'",
        "DELETE,/health/ready,'GET, HEAD'"
    })
    void refusesOtherMethods(String method, String path, String allow) {
        Answer answer = service.api().send(method, path, Map.of(), "");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.body()).isEqualTo("{\"detail\":\"Method Not Allowed\",\"code\":\"method_not_allowed\"}");
        assertThat(answer.header("allow"))
                .hasValueSatisfying(
                        methods -> assertThat(methods.split(", ")).containsExactlyInAnyOrder(allow.split(", ")));
    }

    /** Whatever GET answers, without its body, and on a connection that goes on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health",
                "/ready",
                "/health/live",
                "/health/nothing",
                "/metrics",
                "/docs",
                "/openapi.json",
                "/v1/files",
                "/v1/files/x",
                "/v1/sessions/x",
                "/v1/execute",
                "/nothing",
                "//health",
                "/v1/files/%ff"
            })
    void answersHeadAsGet(String path) throws IOException {
        try (Socket socket = service.api().connect()) {
            String head = head(socket, path);
            Answer got = service.api().get(path);
            assertThat(head).startsWith("HTTP/1.1 %d ".formatted(got.status()));
            got.header("content-type")
                    .ifPresent(type -> assertThat(head).containsIgnoringCase("content-type: " + type));
            if (!head.toLowerCase(Locale.ROOT).contains("connection: close")
                    && got.body().length() < 60_000) {
                assertThat(head(socket, "/health")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    /** As clients ask what they take for a proxy. The host that counts is that of the URI. */
    @ParameterizedTest
    @CsvSource({
        "http://localhost/health, localhost, 200",
        "HTTP://127.0.0.1:1/health?x=1, evil.test, 200",
        "http://evil.test/health, localhost, 403",
        "http://user@localhost/health, localhost, 400",
        "http://localhost, localhost, 404",
        "http://localhost/nothing, localhost, 404",
        "ftp://localhost/health, localhost, 404"
    })
    void understandsAWholeUri(String target, String host, int status) throws IOException {
        try (Socket socket = service.api().connect()) {
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n"
                            .formatted(target, host)
                            .getBytes(UTF_8));
            assertThat(Api.answer(socket)).startsWith("HTTP/1.1 %d ".formatted(status));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/ready", "/docs", "/v1/files", "/v1/sessions/x", "/v1/files/x"})
    void answersWhateverIsAccepted(String path) {
        Answer usual = service.api().get(path);
        Answer answer = service.api().send("GET", path, Map.of("Accept", "image/png"), "");
        assertThat(answer.status()).isEqualTo(usual.status());
        assertThat(answer.header("content-type")).isEqualTo(usual.header("content-type"));
        assertThat(service.api()
                        .send("POST", "/v1/execute", Map.of("Accept", "text/html", "Content-Type", "text/plain"), "x")
                        .status())
                .isEqualTo(422);
    }

    private static String head(Socket socket, String path) throws IOException {
        socket.getOutputStream()
                .write("HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        .formatted(path)
                        .getBytes(UTF_8));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            assertThat(c).as("%s: %s", path, head).isNotNegative();
            head.append((char) c);
        }
        return head.toString();
    }

    @Test
    void letsNoOtherOriginIn() {
        Map<String, String> headers = Map.of("Origin", "https://evil.example");
        assertThat(service.api().send("GET", "/health", headers, "").headers())
                .doesNotContainKey("access-control-allow-origin");
        assertThat(service.api()
                        .send(
                                "OPTIONS",
                                "/v1/execute",
                                Map.of("Origin", "https://evil.example", "Access-Control-Request-Method", "POST"),
                                "")
                        .headers())
                .doesNotContainKey("access-control-allow-origin");
    }

    @Test
    void closesAConnectionWhenAskedTo() throws IOException {
        try (Socket socket = service.api().connect()) {
            socket.getOutputStream()
                    .write("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
            assertThat(Api.answer(socket)).startsWith("HTTP/1.1 200 ");
            assertThat(socket.getInputStream().read())
                    .as("the end of the stream")
                    .isNegative();
        }
    }

    /** As nginx, HAProxy's checks and ab send it by default. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /health HTTP/1.0{n}{n}                                        | 200 | "ok"
            GET /health HTTP/1.0{n}Connection: keep-alive{n}{n}               | 200 | "ok"
            POST /v1/execute HTTP/1.0{n}Content-Type: application/json{n}Content-Length: 2{n}{n}{} | 422 | missing
            GET /v1/files HTTP/1.0{n}Host: localhost{n}{n}                    | 200 | "files"
            """)
    void answersHttp10AndCloses(String request, int status, String body) throws IOException {
        try (Socket socket = service.api().connect()) {
            socket.getOutputStream().write(request.replace("{n}", "\r\n").getBytes(UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(body);
            assertThat(answer.toLowerCase(Locale.ROOT)).contains("\r\nconnection: close\r\n");
        }
    }

    /** Requests that a client library would not send: refused, closed, and without a word about our insides. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GARBAGE                                                                            | 400
            GET /health HTTP/9.9{n}Host: localhost{n}{n}                                               | 400 505
            GET /health HTTP/1.1{n}{n}                                                         | 400
            GET /{long} HTTP/1.1{n}Host: localhost{n}{n}                                               | 400 414 431
            GET /health HTTP/1.1{n}Host: localhost{n}X: {long}{n}{n}                                   | 400 431
            POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: -1{n}{n}                     | 400
            POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: x{n}{n}                      | 400
            POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 3{n}Content-Length: 4{n}{n}{   } | 400
            POST /v1/execute HTTP/1.1{n}Host: localhost{n}Transfer-Encoding: chunked{n}{n}zz{n}{n}         | 400
            POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 3{n}Transfer-Encoding: chunked{n}{n}2{n}{}{n}0{n}{n} | 400 422
            TRACE /v1/execute HTTP/1.1{n}Host: localhost{n}{n}                      | 405
            """)
    void survivesMalformedRequests(String request, String statuses) throws IOException {
        String bytes = request.replace("{n}", "\r\n").replace("{long}", "a".repeat(100_000));
        if (!bytes.endsWith("\n")) {
            bytes += "\r\n\r\n";
        }
        String answer = service.api().raw(bytes.getBytes(UTF_8));
        assertThat(answer).matches("(?s)HTTP/1\\.1 (" + statuses.replace(' ', '|') + ") .*");
        assertThat(answer).doesNotContain("helidon", "java.", "Exception", "\tat ");
        assertThat(service.api().get("/health").status()).isEqualTo(200);
    }
}
