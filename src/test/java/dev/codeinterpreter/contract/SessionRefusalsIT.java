package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Engine;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the session endpoints refuse, with which words, and that nothing is launched or touched for it. In bodies, ID stands
 * for a stored file of 2 MB and GONE for one that never was.
 */
@Timeout(60)
class SessionRefusalsIT {
    private static final String GONE = "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11";
    private static final String UNKNOWN = "code-session-0123456789abcdef0123456789abcdef";

    private static ServiceProcess service;
    private static Api api;
    private static String id = "";

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(
                Map.of("MAX_EXEC_TIMEOUT_MS", "20000", "MAX_STAGED_FILES", "3", "MAX_STAGED_MB", "3"));
        api = service.api();
        id = api.upload("x", "x".repeat(2 << 20));
    }

    @AfterAll
    static void stop() {
        assertThat(service.engine().launches())
                .as("sandboxes launched for refused requests")
                .isZero();
        service.close();
    }

    /** @param detail the beginning of the sentence, or of the list */
    record Case(String path, String body, int status, String detail) {
        @Override
        public String toString() {
            return path + " " + body;
        }
    }

    private static Case create(String body, int status, String detail) {
        return new Case("/v1/sessions", body, status, detail);
    }

    private static Case unknown(String path, String body, int status, String detail) {
        return new Case("/v1/sessions/" + UNKNOWN + path, body, status, detail);
    }

    private static String schema(String type, String loc, String msg) {
        return "[{'type':'%s','loc':%s,'msg':'%s'".formatted(type, loc, msg).replace('\'', '"');
    }

    static Stream<Case> creations() {
        String integer = "Input should be a valid integer";
        String body = "Input should be a valid dictionary or object to extract fields from";
        return Stream.of(
                create("", 422, schema("missing", "['body']", "Field required")),
                create("[]", 422, schema("model_attributes_type", "['body']", body)),
                create("null", 422, "[{"),
                create("{", 422, "[{\"type\":\"json_invalid\""),
                create(
                        "{'ttl_seconds':0}",
                        422,
                        schema(
                                "greater_than_equal",
                                "['body','ttl_seconds']",
                                "Input should be greater than or equal to 1")),
                create(
                        "{'ttl_seconds':86401}",
                        422,
                        schema(
                                "less_than_equal",
                                "['body','ttl_seconds']",
                                "Input should be less than or equal to 86400")),
                create("{'ttl_seconds':'5'}", 422, schema("int_type", "['body','ttl_seconds']", integer)),
                create("{'ttl_seconds':5.0}", 422, schema("int_type", "['body','ttl_seconds']", integer)),
                create("{'ttl_seconds':true}", 422, schema("int_type", "['body','ttl_seconds']", integer)),
                create("{'ttl_seconds':null}", 422, schema("int_type", "['body','ttl_seconds']", integer)),
                create(
                        "{'files':{},'ttl_seconds':0}",
                        422,
                        schema("list_type", "['body','files']", "Input should be a valid list")),
                create(
                        "{'files':[{'path':5,'file_id':'x'}]}",
                        422,
                        schema("string_type", "['body','files',0,'path']", "Input should be a valid string")),
                create(
                        "{'files':[{'path':'/p','file_id':'GONE'}]}",
                        404,
                        "File with ID '" + GONE + "' not found for path '/p'."),
                create("{'files':[{'path':'/p','file_id':'ID'}]}", 422, "File paths must be relative."),
                create("{'files':[{'path':'a/../b','file_id':'ID'}]}", 422, "File paths must not contain '..'."),
                create("{'files':[{'path':'.','file_id':'ID'}]}", 422, "File path must not be empty."),
                create(
                        "{'files':[{'path':'a','file_id':'ID'},{'path':'./a','file_id':'ID'}]}",
                        422,
                        "File path 'a' is given twice."),
                create(
                        "{'files':[{'path':'a','file_id':'ID'},{'path':'b','file_id':'ID'}]}",
                        413,
                        "Staged files exceed the maximum of 3 MB"));
    }

    static Stream<Case> commands() {
        String notFound = "Session '%s' not found".formatted(UNKNOWN);
        String tooLong = "timeout_ms exceeds maximum of 20000 ms";
        Stream<Case> bash = Stream.of("/bash", "/bash/stream")
                .flatMap(path -> Stream.of(
                        unknown(path, "", 422, schema("missing", "['body']", "Field required")),
                        unknown(path, "{}", 422, schema("missing", "['body','cmd']", "Field required")),
                        unknown(
                                path,
                                "{'cmd':5,'timeout_ms':0}",
                                422,
                                schema("string_type", "['body','cmd']", "Input should be a valid string")),
                        unknown(path, "{'cmd':'x','timeout_ms':20001}", 422, tooLong),
                        unknown(path, "{'cmd':'x','timeout_ms':20000}", 404, notFound)));
        Stream<Case> python = Stream.of("/python", "/python/stream")
                .flatMap(path -> Stream.of(
                        unknown(path, "", 422, schema("missing", "['body']", "Field required")),
                        unknown(path, "{}", 422, schema("missing", "['body','code']", "Field required")),
                        unknown(
                                path,
                                "{'code':'1','stdin':5}",
                                422,
                                schema("string_type", "['body','stdin']", "Input should be a valid string")),
                        unknown(path, "{'code':'1','timeout_ms':20001}", 422, tooLong),
                        unknown(path, "{'code':'1','timeout_ms':1}", 404, notFound)));
        Stream<Case> keepAlive = Stream.of(
                unknown("/keepalive", "", 422, schema("missing", "['body']", "Field required")),
                unknown("/keepalive", "{}", 422, schema("missing", "['body','ttl_seconds']", "Field required")),
                unknown(
                        "/keepalive",
                        "{'ttl_seconds':0}",
                        422,
                        schema(
                                "greater_than_equal",
                                "['body','ttl_seconds']",
                                "Input should be greater than or equal to 1")),
                unknown(
                        "/keepalive",
                        "{'ttl_seconds':86401}",
                        422,
                        schema(
                                "less_than_equal",
                                "['body','ttl_seconds']",
                                "Input should be less than or equal to 86400")),
                unknown("/keepalive", "{'ttl_seconds':1}", 404, notFound));
        return Stream.of(bash, python, keepAlive).flatMap(cases -> cases);
    }

    @ParameterizedTest
    @MethodSource({"creations", "commands"})
    void refuses(Case row) {
        Answer answer = api.post(
                row.path(), row.body().replace('\'', '"').replace("ID", id).replace("GONE", GONE));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(row.status());
        if (row.detail().startsWith("[")) {
            assertThat(answer.body()).startsWith("{\"detail\":" + row.detail());
        } else {
            assertThat(answer.detail()).startsWith(row.detail());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x",
        "code-session-",
        "code-session-0123456789abcdef0123456789abcde",
        "code-session-0123456789abcdef0123456789abcdef",
        "code-session-0123456789abcdef0123456789abcdef0",
        "code-session-0123456789ABCDEF0123456789ABCDEF",
        "code-interpreter-0123456789abcdef0123456789abcdef",
        "code-session-0123456789abcdef0123456789abcdef%3Fx",
        "..%2F..%2Finfo",
        "%00"
    })
    void knowsNoSessionOfAnyOtherName(String name) {
        assertUnknown(new Session(api, name));
    }

    @ParameterizedTest
    @CsvSource({
        "'',''",
        "code-interpreter.component,sandbox",
        "code-interpreter.role,session",
        "code-interpreter.component,Sandbox"
    })
    void touchesNoContainerThatIsNotASession(String label, String value) {
        Engine engine = service.engine();
        String name = "code-session-" + java.util.UUID.randomUUID().toString().replace("-", "");
        engine.runForeign(name, label.isEmpty() ? Map.of() : Map.of(label, value));
        try {
            assertUnknown(new Session(api, name));
            assertThat(engine.isRunning(name)).isTrue();
            assertThat(engine.execs(name)).isZero();
        } finally {
            engine.remove(name);
        }
    }

    @Test
    void knowsNoOtherMethod() {
        Map<String, String> offered = Map.of(
                "",
                "POST",
                "/" + UNKNOWN + "/bash",
                "POST",
                "/" + UNKNOWN + "/bash/stream",
                "POST",
                "/" + UNKNOWN + "/python",
                "POST",
                "/" + UNKNOWN + "/python/stream",
                "POST",
                "/" + UNKNOWN + "/keepalive",
                "POST");
        assertThat(offered).allSatisfy((path, methods) -> {
            Answer answer = api.get("/v1/sessions" + path);
            assertThat(answer.status()).as(path).isEqualTo(405);
            assertThat(answer.header("allow")).contains(methods);
        });
        Answer put = api.send("PUT", "/v1/sessions/" + UNKNOWN, Map.of(), "");
        assertThat(put.status()).isEqualTo(405);
        assertThat(put.header("allow")).contains("DELETE, GET, HEAD");
    }

    @Test
    void turnsAwayWhatWaitsTooLong() {
        try (ServiceProcess small = ServiceProcess.start(
                        Map.of("MAX_CONCURRENT_EXECUTIONS", "1", "EXECUTION_QUEUE_TIMEOUT_SEC", "0.3"));
                Session session = Session.begin(small.api());
                Session other = Session.begin(small.api());
                EventReader running = session.streamBash("echo begun; sleep 15")) {
            assertThat(running.require().text()).isEqualTo("begun\n");
            assertThat(Stream.of(
                            other.tryBash("true", 1000),
                            other.api().post(other.path() + "/bash/stream", "{\"cmd\":\"true\"}"),
                            other.api().post(other.path() + "/python", "{\"code\":\"1\"}"),
                            other.api().post("/v1/sessions", "{}"),
                            other.api().execute("{\"code\":\"1\"}")))
                    .allSatisfy(answer -> {
                        assertThat(answer.status()).as(answer.toString()).isEqualTo(429);
                        assertThat(answer.header("retry-after")).contains("2");
                    });
            assertThat(other.get().status()).as("takes no place").isEqualTo(200);
        }
    }

    @Test
    void saysThatThereIsNoEngine() {
        try (ServiceProcess lost = ServiceProcess.start(Backend.current().nowhere())) {
            Session session = new Session(lost.api(), UNKNOWN);
            assertThat(Stream.of(
                            lost.api().post("/v1/sessions", "{}"),
                            session.get(),
                            session.end(),
                            session.keepAlive(5),
                            session.tryBash("true", 1000),
                            session.read("x")))
                    .allSatisfy(answer -> {
                        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
                        assertThat(answer.header("retry-after")).contains("10");
                        assertThat(answer.detail()).startsWith("Executor capacity unavailable (engine unreachable): ");
                    });
            assertThat(lost.log()).doesNotContain("\tat ");
        }
    }

    private static void assertUnknown(Session session) {
        Stream.of(
                        session.get(),
                        session.end(),
                        session.keepAlive(5),
                        session.tryBash("true", 1000),
                        api.post(session.path() + "/bash/stream", Session.bashBody("true", 1000)),
                        api.post(session.path() + "/python", "{\"code\":\"1\",\"timeout_ms\":1000}"),
                        api.post(session.path() + "/python/stream", "{\"code\":\"1\",\"timeout_ms\":1000}"),
                        api.get(session.path() + "/files"),
                        session.read("x"),
                        session.write("x", new byte[1]))
                .forEach(answer -> {
                    assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
                    assertThat(answer.detail()).startsWith("Session '").endsWith("' not found");
                });
    }
}
