package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Fuzz;
import dev.codeinterpreter.harness.FuzzedJson;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every endpoint with requests that are nearly right: each answer is one that the document describes, and no 5xx. */
@Timeout(7200)
class RequestFuzzIT {
    private static final int TRIES = 400;
    private static final String SESSION = "code-session-0123456789abcdef0123456789abcdef";
    private static final String FILE = "01234567-89ab-4def-8123-456789abcdef";
    private static final Duration CLEANING = Duration.ofSeconds(40);

    /** The server reads a first line of 4096 bytes; with method and version this leaves at least so many. */
    private static final int MAX_PATH_LENGTH = 4000;

    /** They name what is not there, so that those which are right end in 404 and launch nothing. */
    private static final Map<String, String> BODIES = Map.of(
            "/v1/execute", runs(),
            "/v1/execute/stream", runs(),
            "/v1/sessions", "{\"ttl_seconds\":60,\"files\":[{\"path\":\"a/b\",\"file_id\":\"%s\"}]}".formatted(FILE),
            "/v1/sessions/{session_id}/bash", "{\"cmd\":\"true\",\"timeout_ms\":1000}",
            "/v1/sessions/{session_id}/bash/stream", "{\"cmd\":\"true\",\"timeout_ms\":1000}",
            "/v1/sessions/{session_id}/python", "{\"code\":\"1\",\"stdin\":\"x\",\"timeout_ms\":1000}",
            "/v1/sessions/{session_id}/python/stream", "{\"code\":\"1\",\"last_line_interactive\":true}",
            "/v1/sessions/{session_id}/keepalive", "{\"ttl_seconds\":60}",
            "/v1/files", "",
            "/v1/sessions/{session_id}/files/{path}", "{}");

    @Test
    void answersAsDescribed() {
        try (ServiceProcess service = ServiceProcess.start(Map.of("MAX_EXEC_TIMEOUT_MS", "3000"))) {
            OpenApi openApi = OpenApi.of(service.api());
            // MCP has a language of its own, see McpRequestsIT.
            List<OpenApi.Operation> operations = openApi.operations().stream()
                    .filter(operation -> !operation.path().equals("/mcp"))
                    .toList();
            Fuzz.run("requests", TRIES, random -> {
                OpenApi.Operation operation = operations.get(random.nextInt(operations.size()));
                FuzzedJson fuzzed = new FuzzedJson(random);
                String path = path(operation, fuzzed, random);
                Answer answer = ask(service, operation, path, fuzzed, random);
                assertThat(answer.status()).as("%s: %s", operation, answer).isLessThan(500);
                assertThat(answer.body()).doesNotContain("\tat ", "java.", "dev.codeinterpreter", "/tmp/");
                if (answer.status() == 414) {
                    assertThat(path.length()).isGreaterThan(MAX_PATH_LENGTH);
                } else if (answer.status() != 404 && answer.status() != 405) {
                    // A path that has become another one is another operation, or none.
                    openApi.requireDescribed(operation, answer);
                }
                if (answer.status() == 201 && operation.path().equals("/v1/sessions")) {
                    // What was to make it a refusal has been changed away.
                    String id = answer.json().getString("session_id");
                    assertThat(service.api().delete("/v1/sessions/" + id).status())
                            .isEqualTo(204);
                }
            });
            assertThat(service.log()).doesNotContain("\tat ");
            service.engine().awaitNone(CLEANING);
            Map<String, Long> left = service.temporaryFiles();
            assertThat(left).isEmpty();
        }
    }

    private static String path(OpenApi.Operation operation, FuzzedJson fuzzed, Random random) {
        String path = operation
                .path()
                .replace("{session_id}", random.nextInt(4) == 0 ? encoded(fuzzed.text()) : SESSION)
                .replace("{file_id}", random.nextInt(2) == 0 ? encoded(fuzzed.text()) : FILE)
                .replace("{path}", encoded(fuzzed.text()));
        if (random.nextInt(5) == 0) {
            path += "?limit=" + encoded(fuzzed.text()) + "&after=" + encoded(fuzzed.text());
        }
        return path;
    }

    private static Answer ask(
            ServiceProcess service, OpenApi.Operation operation, String path, FuzzedJson fuzzed, Random random) {
        if (!operation.method().equals("POST")) {
            return service.api().send(operation.method(), path, Map.of(), BodyPublishers.noBody());
        }
        String kind = random.nextInt(12) == 0
                ? "text/" + random.nextInt(10)
                : operation.path().equals("/v1/files") ? "multipart/form-data; boundary=b" : "application/json";
        byte[] body = operation.path().equals("/v1/files")
                ? form(fuzzed, random)
                : fuzzed.bytes(fuzzed.like(json(BODIES.getOrDefault(operation.path(), "{}"))));
        return service.api().send("POST", path, Map.of("Content-Type", kind), BodyPublishers.ofByteArray(body));
    }

    private static byte[] form(FuzzedJson fuzzed, Random random) {
        String text = "--b\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n%s\r\n--b%s\r\n"
                .formatted(
                        random.nextInt(3) == 0 ? fuzzed.text() : "file",
                        fuzzed.text(),
                        fuzzed.text(),
                        random.nextInt(4) == 0 ? "" : "--");
        byte[] bytes = text.getBytes(UTF_8);
        if (random.nextInt(3) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static String encoded(String text) {
        String encoded = URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("%2F", "/");
        return encoded.isEmpty() ? "x" : encoded;
    }

    private static String runs() {
        return """
                {"code":"1","stdin":"x","timeout_ms":1000,"last_line_interactive":true,"files":[{"path":"a/b","file_id":"%s"}]}
                """.formatted(FILE);
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text.isEmpty() ? "{}" : text))) {
            return reader.readObject();
        }
    }
}
