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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each request that is worth a line leaves one, and nothing in it is code, output or a key. */
class AuditIT {
    private static final KeysFile KEYS = KeysFile.create();
    private static final String KEY = KEYS.add("acme");
    private static final String CODE = "print('SECRET-CODE')";

    @TempDir
    private static Path directory;

    private static Path log;
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        log = directory.resolve("audit.log");
        service = ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "AUDIT_LOG", log.toString()));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void everyKindOfRequestLeavesOneLine() {
        String program = "{\"code\": \"%s\"}".formatted(CODE);
        JsonObject run = expect("execute", "exited", send("POST", "/v1/execute", KEY, program));
        expect("execute_stream", "exited", send("POST", "/v1/execute/stream", KEY, program));
        expect("execute", "invalid_request", send("POST", "/v1/execute", KEY, "{}"));
        Answer session = send("POST", "/v1/sessions", KEY, "{}");
        expect("session_create", "ok", session);
        String path = "/v1/sessions/" + session.json().getString("session_id");
        expect("session_delete", "ok", send("DELETE", path, KEY, ""));
        expect("session_get", "not_found", send("GET", path, KEY, ""));
        expect("session_bash", "not_found", send("POST", path + "/bash", KEY, "{\"cmd\":\"SECRET-CODE\"}"));
        expect("session_file_list", "not_found", send("GET", path + "/files", KEY, ""));
        expect("file_list", "ok", send("GET", "/v1/files", KEY, ""));
        expect("file_download", "not_found", send("GET", "/v1/files/x", KEY, ""));
        expect("file_delete", "not_found", send("DELETE", "/v1/files/x", KEY, ""));
        expect("refused", "unauthorized", send("GET", "/v1/files", "ci_wrong", ""));
        int before = lines(log).size();
        for (String quiet : List.of("/health", "/ready", "/docs", "/metrics", "/v1/usage", "/nothing")) {
            send("GET", quiet, KEY, "");
        }
        assertThat(lines(log)).hasSize(before);
        assertThat(run.getString("tenant")).isEqualTo("acme");
        assertThat(run.getString("key")).isEqualTo("key-0");
        assertThat(run.getString("client")).isEqualTo("127.0.0.1");
        assertIsOfTheProgram(run);
        assertThat(run.getString("request_id")).isNotEmpty();
        assertNothingIsSecret();
    }

    @Test
    void everyCallOfMcpLeavesOneLineThatNamesItsTool() {
        JsonObject run = expect("mcp_run_python", "exited", call("run_python", "{\"code\":\"%s\"}".formatted(CODE)));
        assertIsOfTheProgram(run);
        String reporting = rpc(1, "run_python", "{\"code\":\"%s\"}".formatted(CODE))
                .replace("\"arguments\"", "\"_meta\":{\"progressToken\":\"SECRET-TOKEN\"},\"arguments\"");
        assertIsOfTheProgram(expect("mcp_run_python", "exited", send("POST", "/mcp", KEY, reporting)));
        expect("mcp_run_python", "failed", call("run_python", "{\"cod\":\"SECRET-CODE\"}"));
        expect("mcp_create_session", "ok", call("create_session", "{}"));
        expect("mcp_run_bash", "not_found", call("run_bash", "{\"session_id\":\"x\",\"command\":\"SECRET-CODE\"}"));
        JsonObject upload =
                expect("mcp_upload_file", "ok", call("upload_file", "{\"filename\":\"a\",\"content\":\"SECRET\"}"));
        assertThat(upload.getJsonArray("files")).hasSize(1);
        expect("mcp_list_files", "ok", call("list_files", "{}"));
        expect("mcp", "ok", send("POST", "/mcp", KEY, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"));
        expect("refused", "unauthorized", send("POST", "/mcp", "ci_wrong", rpc(1, "list_files", "{}")));
        assertNothingIsSecret();
    }

    @Test
    void aBatchLeavesALineForEachOfItsCalls() {
        String batch =
                "[%s,{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"method\":\"SECRET\"},%s,%s]"
                        .formatted(
                                rpc(1, "run_python", "{\"code\":\"%s\"}".formatted(CODE)),
                                rpc(2, "list_files", "{}"),
                                rpc(3, "run_python", "{\"cod\":\"SECRET-CODE\"}"));
        Answer answer = send("POST", "/mcp", KEY, batch);
        assertThat(answer.status()).isEqualTo(200);
        String id = answer.header("x-request-id").orElseThrow();
        Await.until("its lines", Duration.ofSeconds(30), () -> ofRequest(id).size() >= 3);
        assertThat(ofRequest(id))
                .extracting(line -> line.getString("operation") + " " + line.getString("outcome"))
                .containsExactly("mcp_run_python exited", "mcp_list_files ok", "mcp_run_python failed");
        assertNothingIsSecret();
    }

    @Test
    void aDiskThatTakesNothingCostsTheRequestNothing() {
        try (ServiceProcess full =
                ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "AUDIT_LOG", "/dev/full"))) {
            assertThat(full.api()
                            .send("POST", "/v1/execute", KeysFile.bearer(KEY), "{\"code\": \"1\"}")
                            .status())
                    .isEqualTo(200);
            Await.until(
                    "a lost line",
                    Duration.ofSeconds(30),
                    () -> full.api()
                            .get("/metrics")
                            .body()
                            .matches("(?s).*code_interpreter_audit_lines_lost\\{[^}]*} 1(\\.0)?\\s.*"));
        }
    }

    private static Answer call(String tool, String arguments) {
        return send("POST", "/mcp", KEY, rpc(1, tool, arguments));
    }

    private static String rpc(int id, String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}"
                .formatted(id, tool, arguments);
    }

    private static Answer send(String method, String path, String key, String body) {
        return service.api().send(method, path, KeysFile.bearer(key), body);
    }

    /** Gives the one line of a request. */
    private static JsonObject expect(String operation, String outcome, Answer answer) {
        String id = answer.header("x-request-id").orElseThrow();
        Await.until("its line", Duration.ofSeconds(30), () -> !ofRequest(id).isEmpty());
        assertThat(ofRequest(id)).singleElement().satisfies(line -> {
            assertThat(line.getString("operation")).isEqualTo(operation);
            assertThat(line.getString("outcome")).isEqualTo(outcome);
            assertThat(line.getInt("status")).isEqualTo(answer.status());
        });
        return ofRequest(id).getFirst();
    }

    private static void assertIsOfTheProgram(JsonObject run) {
        assertThat(run.getString("code_sha256")).matches("[0-9a-f]{64}");
        assertThat(run.getInt("code_bytes")).isEqualTo(CODE.length());
        assertThat(run.getInt("exit_code")).isZero();
        assertThat(run.getString("sandbox")).startsWith("code-interpreter-");
    }

    private static void assertNothingIsSecret() {
        assertThat(lines(log).toString()).doesNotContain("SECRET", KEY, "hi\n", "ci_wrong");
    }

    private static List<JsonObject> ofRequest(String id) {
        return lines(log).stream()
                .filter(line -> line.getString("request_id").equals(id))
                .toList();
    }

    private static List<JsonObject> lines(Path file) {
        // It is there from its first line on.
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> Json.createReader(new StringReader(line)).readObject())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
