package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each request has a name, which its client may choose, on its answer and on all that is logged for it. */
@Timeout(120)
class RequestIdsIT {
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(
                Map.of("LOG_LEVEL", "DEBUG", "LOG_FORMAT", "json", "CORS_ALLOWED_ORIGINS", "https://app.example.com"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** {n} is the end of a line; the request's id comes last in the head. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | GET /health HTTP/1.1{n}Host: localhost
            200 | GET /ready HTTP/1.1{n}Host: localhost
            200 | GET /metrics HTTP/1.1{n}Host: localhost
            200 | GET /health/live HTTP/1.1{n}Host: localhost
            200 | GET /openapi.json HTTP/1.1{n}Host: localhost
            200 | GET /docs HTTP/1.1{n}Host: localhost
            200 | GET /v1/files HTTP/1.1{n}Host: localhost
            204 | OPTIONS /v1/execute HTTP/1.1{n}Host: localhost{n}Origin: https://app.example.com{n}Access-Control-Request-Method: POST
            400 | GET /health HTTP/1.1{n}Host: localhost{n}Content-Type: x
            400 | GET /v1/files/%ff HTTP/1.1{n}Host: localhost
            400 | GET /health HTTP/1.1{n}X: y
            403 | GET /health HTTP/1.1{n}Host: evil.test
            404 | GET /nothing HTTP/1.1{n}Host: localhost
            404 | GET /health/nothing HTTP/1.1{n}Host: localhost
            404 | DELETE /v1/files/x HTTP/1.1{n}Host: localhost
            200 | HEAD /health HTTP/1.1{n}Host: localhost{n}Connection: close
            405 | PUT /v1/execute HTTP/1.1{n}Host: localhost
            422 | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 0
            422 | POST /v1/execute/stream HTTP/1.1{n}Host: localhost{n}Content-Length: 0
            """)
    void answersWithTheClientsOwn(int status, String head) throws IOException {
        assertThat(answer(head, "an-id.1_A"))
                .startsWith("HTTP/1.1 %d ".formatted(status))
                .containsOnlyOnce("\r\nX-Request-Id: an-id.1_A\r\n");
    }

    /** The fault comes behind the id. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: x", "X", "Transfer-Encoding: x", " folded"})
    void answersWithTheClientsOwnToAHeadThatCannotBeRead(String fault) throws IOException {
        String answer = answer("GET /health HTTP/1.1{n}Host: localhost", "an-id{n}" + fault);
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("\r\nX-Request-Id: an-id\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a\"b",
                "a\\nb",
                "\u00e9",
                "a\tb",
                "a{n}X-Request-Id: b",
                "${jndi:ldap://x}",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void answersWithANewOneToWhatIsNoId(String sent) throws IOException {
        String answer = answer("GET /v1/files/x HTTP/1.1{n}Host: localhost", sent);
        assertThat(answer).startsWith("HTTP/1.1 404 ").containsPattern("\r\nX-Request-Id: [0-9a-f]{24}\r\n");
    }

    @Test
    void namesEachRequestOfAConnection() throws IOException {
        try (Socket socket = api.connect()) {
            for (String id : List.of("first", "second")) {
                socket.getOutputStream()
                        .write("GET /v1/files/x HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: %s\r\n\r\n"
                                .formatted(id)
                                .getBytes(ISO_8859_1));
                assertThat(Api.answer(socket)).containsOnlyOnce("\r\nX-Request-Id: " + id + "\r\n");
            }
        }
    }

    @Test
    void namesAnswersWithOutput() {
        Map<String, String> headers = Map.of("Content-Type", "application/json", "X-Request-Id", "an-id");
        for (String path : List.of("/v1/execute", "/v1/execute/stream")) {
            Answer answer = api.send("POST", path, headers, "{\"code\":\"print(1)\"}");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("x-request-id")).contains("an-id");
        }
        String id = api.upload("x", "content");
        assertThat(api.send("GET", "/v1/files/" + id, headers, "").header("x-request-id"))
                .contains("an-id");
        assertThat(api.get("/v1/files").header("x-request-id").orElse("")).matches("[0-9a-f]{24}");
    }

    /** What writes the events runs on a thread of its own, and finds out that nobody reads. */
    @Test
    void isLoggedByTheThreadsThatWorkForTheRequest() throws IOException {
        String body = Program.of("import time\nfor i in range(60): print(i, flush=True); time.sleep(0.1)")
                .timeoutMs(20_000)
                .toJson()
                .toString();
        try (Socket socket = api.connect()) {
            socket.getOutputStream().write(Api.request("/v1/execute/stream", body, "X-Request-Id: a-stream"));
            assertThat(Api.answer(socket)).startsWith("HTTP/1.1 200 ").contains("\r\nX-Request-Id: a-stream\r\n");
            // With bytes unread, the end is a reset.
            socket.setSoLinger(true, 0);
        }
        Await.until(
                "a line of the stream's writer",
                Duration.ofSeconds(20),
                () -> service.log()
                        .lines()
                        .map(RequestIdsIT::parsed)
                        .anyMatch(line -> line.getString("message").contains("client of a stream")
                                && line.getString("request_id", "").equals("a-stream")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "plain"})
    void isOnTheLineOfAFailure(String format) {
        Map<String, String> settings = new HashMap<>(Backend.current().nowhere());
        settings.put("LOG_FORMAT", format);
        try (ServiceProcess lost = ServiceProcess.start(settings)) {
            for (String id : List.of("one", "two", "a\"; forged=\"x")) {
                Map<String, String> headers = Map.of("Content-Type", "application/json", "X-Request-Id", id);
                Answer answer = lost.api().send("POST", "/v1/execute", headers, "{\"code\":\"1\"}");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.code()).isEqualTo("capacity_unavailable");
                String name = answer.header("x-request-id").orElseThrow();
                String field = format.equals("json") ? "\"request_id\":\"%s\"" : " WARNING request_id=%s dev.";
                assertThat(lost.log().lines().filter(line -> line.contains(field.formatted(name))))
                        .singleElement()
                        .asString()
                        .contains("engine unreachable");
            }
            assertThat(lost.log()).doesNotContain("forged");
        }
    }

    private static String answer(String head, String id) throws IOException {
        return api.raw((head + "{n}X-Request-Id: " + id + "{n}{n}")
                .replace("{n}", "\r\n")
                .getBytes(ISO_8859_1));
    }

    private static JsonObject parsed(String line) {
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }
}
