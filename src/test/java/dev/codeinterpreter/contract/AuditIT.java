package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.KeysFile;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each request that is worth a line leaves one, and nothing in it is code, output or a key. */
class AuditIT {
    private static final KeysFile KEYS = KeysFile.create();
    private static final String KEY = KEYS.add("acme");
    private static final String CODE = "print('SECRET-CODE')";

    @TempDir
    private Path directory;

    @Test
    void everyKindOfRequestLeavesOneLine() {
        Path log = directory.resolve("audit.log");
        try (ServiceProcess service =
                ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "AUDIT_LOG", log.toString()))) {
            String program = "{\"code\": \"%s\"}".formatted(CODE);
            expect(log, "execute", "exited", send(service, "POST", "/v1/execute", KEY, program));
            expect(log, "execute_stream", "exited", send(service, "POST", "/v1/execute/stream", KEY, program));
            expect(log, "execute", "invalid_request", send(service, "POST", "/v1/execute", KEY, "{}"));
            Answer session = send(service, "POST", "/v1/sessions", KEY, "{}");
            expect(log, "session_create", "ok", session);
            String path = "/v1/sessions/" + session.json().getString("session_id");
            expect(log, "session_delete", "ok", send(service, "DELETE", path, KEY, ""));
            expect(log, "session_get", "not_found", send(service, "GET", path, KEY, ""));
            expect(
                    log,
                    "session_bash",
                    "not_found",
                    send(service, "POST", path + "/bash", KEY, "{\"cmd\":\"SECRET-CODE\"}"));
            expect(log, "session_file_list", "not_found", send(service, "GET", path + "/files", KEY, ""));
            expect(log, "file_list", "ok", send(service, "GET", "/v1/files", KEY, ""));
            expect(log, "file_download", "not_found", send(service, "GET", "/v1/files/x", KEY, ""));
            expect(log, "file_delete", "not_found", send(service, "DELETE", "/v1/files/x", KEY, ""));
            expect(log, "refused", "unauthorized", send(service, "GET", "/v1/files", "ci_wrong", ""));
            int before = lines(log).size();
            for (String quiet : List.of("/health", "/ready", "/docs", "/metrics", "/v1/usage", "/nothing")) {
                send(service, "GET", quiet, KEY, "");
            }
            assertThat(lines(log)).hasSize(before);
            JsonObject run = lines(log).getFirst();
            assertThat(run.getString("tenant")).isEqualTo("acme");
            assertThat(run.getString("key")).isEqualTo("key-0");
            assertThat(run.getString("client")).isEqualTo("127.0.0.1");
            assertThat(run.getString("code_sha256")).matches("[0-9a-f]{64}");
            assertThat(run.getInt("code_bytes")).isEqualTo(CODE.length());
            assertThat(run.getInt("exit_code")).isZero();
            assertThat(run.getString("sandbox")).startsWith("code-interpreter-");
            assertThat(run.getString("request_id")).isNotEmpty();
            assertThat(lines(log).toString()).doesNotContain("SECRET", KEY, "hi\n", "ci_wrong");
        }
    }

    @Test
    void aDiskThatTakesNothingCostsTheRequestNothing() {
        try (ServiceProcess service =
                ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "AUDIT_LOG", "/dev/full"))) {
            assertThat(send(service, "POST", "/v1/execute", KEY, "{\"code\": \"1\"}")
                            .status())
                    .isEqualTo(200);
            Await.until(
                    "a lost line",
                    Duration.ofSeconds(30),
                    () -> service.api()
                            .get("/metrics")
                            .body()
                            .matches("(?s).*code_interpreter_audit_lines_lost\\{[^}]*} 1(\\.0)?\\s.*"));
        }
    }

    private static Answer send(ServiceProcess service, String method, String path, String key, String body) {
        return service.api().send(method, path, KeysFile.bearer(key), body);
    }

    private static void expect(Path log, String operation, String outcome, Answer answer) {
        String id = answer.header("x-request-id").orElseThrow();
        Await.until(
                "its line", Duration.ofSeconds(30), () -> lines(log).stream().anyMatch(line -> isOf(line, id)));
        assertThat(lines(log).stream().filter(line -> isOf(line, id)))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.getString("operation")).isEqualTo(operation);
                    assertThat(line.getString("outcome")).isEqualTo(outcome);
                    assertThat(line.getInt("status")).isEqualTo(answer.status());
                });
    }

    private static boolean isOf(JsonObject line, String id) {
        return line.getString("request_id").equals(id);
    }

    private static List<JsonObject> lines(Path log) {
        // It is there from its first line on.
        if (!Files.exists(log)) {
            return List.of();
        }
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> Json.createReader(new StringReader(line)).readObject())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
