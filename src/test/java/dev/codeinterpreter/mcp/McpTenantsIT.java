package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.CleanEnd;
import dev.codeinterpreter.harness.KeysFile;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.tenant.Scope;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What belongs to one tenant does not exist for another, whichever tool or resource it is asked for by. */
@Timeout(120)
class McpTenantsIT {
    private static final String CONTENT = "of acme alone";
    /** Of the same form as ids that there are, and nobody's. */
    private static final String NO_SESSION = "code-session-" + "0".repeat(32);

    private static final String NO_FILE = "00000000-0000-4000-8000-000000000000";

    private static final KeysFile KEYS = KeysFile.create();
    private static final String OWNER = KEYS.add("acme");
    private static final String OTHER = KEYS.add("beta");
    private static final Map<Scope, String> LACKING = Map.of(
            Scope.EXECUTE, lacking(Scope.EXECUTE),
            Scope.SESSIONS, lacking(Scope.SESSIONS),
            Scope.FILES, lacking(Scope.FILES));
    private static ServiceProcess service;
    private static String session = "";
    private static String othersSession = "";
    private static String file = "";

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("AUTH_KEYS_FILE", KEYS.path().toString()));
        McpClient owner = client(OWNER, Protocol.V2025_11_25);
        session = owner.answer("create_session", "{'files':[{'path':'in/a.txt','content':'%s'}]}".formatted(CONTENT))
                .getString("session_id");
        file = owner.answer(
                        "run_python",
                        "{'code':'open(\\u0022left.txt\\u0022, \\u0022w\\u0022).write(\\u0022%s\\u0022)'}"
                                .formatted(CONTENT))
                .getJsonArray("files")
                .getJsonObject(0)
                .getString("file_id");
        othersSession = client(OTHER, Protocol.V2025_11_25)
                .answer("create_session", "{}")
                .getString("session_id");
    }

    /** Whatever another has tried, its owner has it all. */
    @AfterAll
    static void stop() {
        assertTheOwnerHasItAll();
        client(OWNER, Protocol.V2026_07_28).answer("end_session", "{'session_id':'%s'}".formatted(session));
        client(OTHER, Protocol.V2026_07_28).answer("end_session", "{'session_id':'%s'}".formatted(othersSession));
        CleanEnd.of(service, Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run_python | {'session_id':'SESSION','code':'1'}",
                "run_python | {'session_id':'OTHERS','code':'1','files':[{'path':'a','file_id':'FILE'}]}",
                "run_python | {'code':'1','files':[{'path':'a','file_id':'FILE'}]}",
                "run_bash | {'session_id':'SESSION','command':'cat in/a.txt'}",
                "create_session | {'files':[{'path':'a','file_id':'FILE'}]}",
                "end_session | {'session_id':'SESSION'}",
                "list_files | {'session_id':'SESSION'}",
                "list_files | {'after':'FILE'}",
                "read_file | {'session_id':'SESSION','path':'in/a.txt'}",
                "read_file | {'file_id':'FILE'}",
                "write_file | {'session_id':'SESSION','path':'in/a.txt','content':'x'}",
                "write_file | {'session_id':'OTHERS','path':'a','file_id':'FILE'}",
                "delete_file | {'session_id':'SESSION','path':'in/a.txt'}",
                "delete_file | {'file_id':'FILE'}"
            })
    void aToolSaysTheSameOfAnothersAsOfWhatDoesNotExist(String tool, String arguments) {
        for (Protocol protocol : List.of(Protocol.V2025_03_26, Protocol.V2026_07_28)) {
            McpClient other = client(OTHER, protocol);
            String ofAnother =
                    other.call(tool, filled(arguments, session, file)).toString();
            String ofNobody =
                    other.call(tool, filled(arguments, NO_SESSION, NO_FILE)).toString();
            assertThat(ofAnother).isEqualTo(filled(ofNobody, session, file)).doesNotContain(CONTENT);
            assertThat(ofAnother)
                    .containsAnyOf(
                            "does not exist or has expired",
                            "does not exist or has ended",
                            "\"ended\":false",
                            "\"deleted\":false");
        }
    }

    @Test
    void aResourceOfAnotherIsNotFound() {
        for (Protocol protocol : Protocol.values()) {
            McpClient other = client(OTHER, protocol);
            for (int i = 0; i < 2; i++) {
                Answer ofAnother =
                        other.send("resources/read", uri(uris(session, file).get(i)));
                Answer ofNobody = other.send(
                        "resources/read", uri(uris(NO_SESSION, NO_FILE).get(i)));
                assertThat(ofAnother.status()).isEqualTo(ofNobody.status());
                assertThat(ofAnother.body())
                        .isEqualTo(filled(ofNobody.body(), session, file))
                        .contains("Resource not found", protocol.isModern() ? "-32602" : "-32002");
            }
        }
    }

    @Test
    void eachListsItsOwnFilesOnly() {
        McpClient owner = client(OWNER, Protocol.V2025_11_25);
        McpClient other = client(OTHER, Protocol.V2025_11_25);
        String others = other.answer("upload_file", "{'filename':'b.txt','content':'b'}")
                .getString("file_id");
        JsonObject none = JsonObject.EMPTY_JSON_OBJECT;
        assertThat(owner.answer("list_files", "{}").toString()).contains(file).doesNotContain(others);
        assertThat(other.answer("list_files", "{}").toString()).contains(others).doesNotContain(file);
        assertThat(owner.result("resources/list", none).toString())
                .contains(file)
                .doesNotContain(others);
        assertThat(other.result("resources/list", none).toString())
                .contains(others)
                .doesNotContain(file);
        assertThat(owner.result("resources/list", cursor(file)).toString()).doesNotContain("error");
        assertThat(other.send("resources/list", cursor(file)).body())
                .isEqualTo(other.send("resources/list", cursor(NO_FILE)).body())
                .contains("-32602");
    }

    @Test
    void eachToolAsksForItsScope() {
        String stored = "{'file_id':'FILE'}";
        expectMissing(Scope.EXECUTE, "run_python", "{'code':'1'}");
        expectMissing(Scope.SESSIONS, "run_python", "{'code':'1','session_id':'SESSION'}");
        expectMissing(Scope.SESSIONS, "run_bash", "{'command':'ls','session_id':'SESSION'}");
        expectMissing(Scope.SESSIONS, "create_session", "{}");
        expectMissing(Scope.SESSIONS, "end_session", "{'session_id':'SESSION'}");
        expectMissing(Scope.SESSIONS, "list_files", "{'session_id':'SESSION'}");
        expectMissing(Scope.SESSIONS, "read_file", "{'session_id':'SESSION','path':'in/a.txt'}");
        expectMissing(Scope.SESSIONS, "write_file", "{'session_id':'SESSION','path':'in/a.txt','content':''}");
        expectMissing(Scope.SESSIONS, "delete_file", "{'session_id':'SESSION','path':'in/a.txt'}");
        expectMissing(Scope.FILES, "list_files", "{}");
        expectMissing(Scope.FILES, "read_file", stored);
        expectMissing(Scope.FILES, "delete_file", stored);
        expectMissing(Scope.FILES, "upload_file", "{'filename':'a','content':''}");
        for (Protocol protocol : List.of(Protocol.V2025_11_25, Protocol.V2026_07_28)) {
            assertThat(without(Scope.FILES, protocol)
                            .send("resources/list", JsonObject.EMPTY_JSON_OBJECT)
                            .body())
                    .contains("-32600", Scope.FILES.missing());
            for (String uri : uris(session, file)) {
                Scope needed = uri.contains(session) ? Scope.SESSIONS : Scope.FILES;
                assertThat(without(needed, protocol)
                                .send("resources/read", uri(uri))
                                .body())
                        .contains("-32600", needed.missing());
            }
        }
    }

    private static void assertTheOwnerHasItAll() {
        McpClient owner = client(OWNER, Protocol.V2025_11_25);
        assertThat(owner.answer("read_file", "{'session_id':'%s','path':'in/a.txt'}".formatted(session))
                        .getString("text"))
                .isEqualTo(CONTENT);
        assertThat(owner.answer("read_file", "{'file_id':'%s'}".formatted(file)).getString("text"))
                .isEqualTo(CONTENT);
        for (String uri : uris(session, file)) {
            assertThat(owner.result("resources/read", uri(uri)).toString()).contains(CONTENT);
        }
    }

    private static void expectMissing(Scope scope, String tool, String arguments) {
        for (Protocol protocol : List.of(Protocol.V2025_11_25, Protocol.V2026_07_28)) {
            assertThat(without(scope, protocol).failure(tool, filled(arguments, session, file)))
                    .isEqualTo(scope.missing());
        }
    }

    /** A client of the owner whose key has every scope but that. */
    private static McpClient without(Scope scope, Protocol protocol) {
        return client(LACKING.getOrDefault(scope, OWNER), protocol);
    }

    private static String lacking(Scope scope) {
        return KEYS.add("acme", KeysFile.ALL.replace("\"%s\",".formatted(scope.label()), ""), "");
    }

    private static McpClient client(String key, Protocol protocol) {
        Api api = service.api();
        return new McpClient(api, protocol, KeysFile.bearer(key));
    }

    private static String filled(String text, String ofSession, String ofFile) {
        return text.replace("SESSION", ofSession)
                .replace("OTHERS", othersSession)
                .replace("FILE", ofFile)
                .replace(NO_SESSION, ofSession)
                .replace(NO_FILE, ofFile);
    }

    private static List<String> uris(String ofSession, String ofFile) {
        return List.of(
                "code-interpreter://sessions/%s/files/in/a.txt".formatted(ofSession),
                "code-interpreter://files/" + ofFile);
    }

    private static JsonObject uri(String uri) {
        return Json.createObjectBuilder().add("uri", uri).build();
    }

    private static JsonObject cursor(String id) {
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(id.getBytes(UTF_8));
        return Json.createObjectBuilder().add("cursor", text).build();
    }
}
