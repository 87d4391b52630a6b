package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Event;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import jakarta.json.Json;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of what the session endpoints answer, to the letter. */
@Timeout(60)
class SessionAnswersIT {
    /** How a command ended, as far as all answers say it. */
    private static final String OUTCOME = "\"exit_code\":0,\"timed_out\":false,\"duration_ms\":\\d+,";

    private static final String DETAILS =
            "\"truncated\":{\"stdout\":false,\"stderr\":false},\"termination\":\"exited\",";
    private static final String USAGE = "\"usage\":{\"cpu_ms\":\\d+,\"peak_memory_bytes\":\\d+}";
    private static final String SESSION = "{\"session_id\":\"code-session-[0-9a-f]{32}\",\"expires_at\":[0-9.E]+}";

    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.engine().awaitNone(Duration.ofSeconds(10));
    }

    private static void assertForm(Answer answer, int status, String form) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.body())
                .matches(form.replace("{", "\\{").replace("[]", "\\[]").replace("\\{32}", "{32}"));
    }

    @Test
    void hasTheseFieldsInThisOrder() {
        Answer begun = api.post("/v1/sessions", "{\"ttl_seconds\":60,\"unknown\":{}}");
        assertForm(begun, 201, SESSION);
        assertThat(begun.json().getJsonNumber("expires_at").isIntegral())
                .as("a float, also for clients that tell it from an integer: %s", begun)
                .isFalse();
        try (Session session = new Session(api, begun.json().getString("session_id"))) {
            assertForm(session.get(), 200, SESSION);
            assertForm(session.keepAlive(60), 200, SESSION);
            assertForm(
                    session.tryBash("echo out; echo err >&2", 5000),
                    200,
                    "{\"stdout\":\"out\\\\n\",\"stderr\":\"err\\\\n\"," + OUTCOME + DETAILS + USAGE + "}");
            assertForm(
                    session.tryPython(Program.of("print('out')")),
                    200,
                    "{\"stdout\":\"out\\\\n\",\"stderr\":\"\"," + OUTCOME + "\"files\":[]," + DETAILS
                            + "\"skipped_files\":[]," + USAGE + ",\"state_lost\":false,\"results\":[]}");
            assertThat(session.write("b", new byte[2]).body()).isEmpty();
            assertThat(api.get(session.path() + "/files").body())
                    .isEqualTo("{\"files\":[{\"path\":\"b\",\"size_bytes\":2}]}");
            Answer ended = session.end();
            assertThat(ended.status()).isEqualTo(204);
            assertThat(ended.body()).isEmpty();
            assertThat(session.end().body())
                    .isEqualTo(
                            "{\"detail\":\"Session '%s' not found\",\"code\":\"not_found\"}".formatted(session.id()));
        }
    }

    @Test
    void givesNullForTheExitCodeOfACommandThatTimedOut() {
        try (Session session = Session.begin(api)) {
            Result result = session.tryBash("echo so far; sleep 60", 500).result();
            assertThat(result.json()).containsEntry("exit_code", JsonValue.NULL);
            assertThat(result.timedOut()).isTrue();
            assertThat(result.termination()).isEqualTo("timeout");
            assertThat(result.stdout()).isEqualTo("so far\n");
            assertThat(session.tryBash("kill -9 $$", 5000).result().json().getInt("exit_code"))
                    .isEqualTo(137);
        }
    }

    /** One and the same text, printed by each kind of command. */
    @Test
    void streamsAsAProgramDoes() {
        String text = "a\u0085b\u2028c\u2029d\re\nf\ud83d\ude00";
        String print = "import sys; print(sys.stdin.read(), end='')";
        try (Session session = Session.begin(api)) {
            assertThat(session.write("text", text.getBytes(UTF_8)).status()).isEqualTo(204);
            for (EventReader events : List.of(
                    session.streamBash("cat text"),
                    session.streamPython(Program.of(print).stdin(text)))) {
                try (events) {
                    assertThat(events.headers())
                            .containsEntry("content-type", List.of("text/event-stream; charset=utf-8"))
                            .containsEntry("cache-control", List.of("no-cache"))
                            .containsEntry("x-accel-buffering", List.of("no"))
                            .doesNotContainKey("content-length");
                    Streamed streamed = events.readAll();
                    assertThat(streamed.stdout()).isEqualTo(text);
                    assertThat(streamed.result().json()).doesNotContainKeys("stdout", "stderr");
                    assertThat(streamed.events())
                            .extracting(Event::data)
                            .allSatisfy(data -> assertThat(data).doesNotContain("\u0085", "\u2028", "\u2029", "\r"));
                }
            }
        }
    }

    @Test
    void neverTearsACharacter() {
        try (Session session = Session.begin(api);
                EventReader events = session.streamBash(
                        "for byte in a '\\303' '\\244' '\\342' '\\202' '\\254'; do printf \"$byte\"; sleep 0.05; done")) {
            assertThat(events.readAll().outputs()).extracting(Event::text).containsExactly("a", "\u00e4", "\u20ac");
        }
    }

    /** What is wrong before the command begins is an HTTP status, of a session that lives, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /bash/stream   | {}                                | "type":"missing","loc":["body","cmd"]
            /bash/stream   | {"cmd":"x","timeout_ms":60001}    | {"detail":"timeout_ms exceeds maximum of 60000 ms","code":"invalid_request"}
            /python/stream | {"code":5}                        | "type":"string_type","loc":["body","code"]
            /python/stream | {"code":"1","timeout_ms":60001}   | {"detail":"timeout_ms exceeds maximum of 60000 ms","code":"invalid_request"}
            """)
    void refusesBeforeTheStreamOpens(String path, String body, String detail) {
        try (Session session = Session.begin(api)) {
            Answer answer = api.post(session.path() + path, body);
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.header("content-type")).contains("application/json");
            assertThat(answer.body()).contains(detail);
        }
    }

    @Test
    void understandsManyWordsForABoolean() {
        try (Session session = Session.begin(api)) {
            Map<String, String> printed =
                    Map.of("true", "5\n", "\"ON\"", "5\n", "1", "5\n", "\"f\"", "", "\"No\"", "", "0", "");
            assertThat(printed).allSatisfy((value, stdout) -> {
                String body = "{\"code\":\"5\",\"last_line_interactive\":%s}".formatted(value);
                assertThat(api.post(session.path() + "/python", body).result().stdout())
                        .isEqualTo(stdout);
            });
        }
    }

    /** Reserved in an execution only: nothing of a session is at that path. */
    @Test
    void hasRoomForAMainProgram() {
        String id = api.upload("x", "print('mine')");
        String file = "{\"path\":\"%s\",\"file_id\":\"" + id + "\"}";
        String body = "{\"files\":[%s,%s]}".formatted(file.formatted("./__main__.py"), file.formatted("a//b"));
        try (Session session = Session.begin(api, body)) {
            assertThat(session.files()).isEqualTo(Map.of("__main__.py", 13, "a/b", 13));
            assertThat(session.python("1").stdout()).isEqualTo("1\n");
            assertThat(session.bash("python3 __main__.py").stdout()).isEqualTo("mine\n");
            assertThat(session.read("__main__.py").body()).isEqualTo("print('mine')");
        }
    }

    @Test
    void takesAHundredFilesAndNoMore() {
        String id = api.upload("x", "x");
        assertThat(api.post("/v1/sessions", files(101, id)).detail()).isEqualTo("101 files exceed the maximum of 100");
        try (Session session = Session.begin(api, files(100, id))) {
            assertThat(session.files()).hasSize(100);
        }
    }

    private static String files(int count, String id) {
        var files = Json.createArrayBuilder();
        for (int i = 0; i < count; i++) {
            files.add(Json.createObjectBuilder().add("path", "f" + i).add("file_id", id));
        }
        return Json.createObjectBuilder().add("files", files).build().toString();
    }
}
