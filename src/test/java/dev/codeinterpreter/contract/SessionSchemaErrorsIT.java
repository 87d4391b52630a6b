package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.ServiceProcess;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The answer to a body for a session that breaks the schema: every error, in field order, members in their order, whether
 * there is such a session or not. In expected answers, STRING and so on stand for the sentences.
 */
@Timeout(60)
class SessionSchemaErrorsIT {
    private static final String CREATE = "/v1/sessions";
    private static final String SESSION = "/v1/sessions/code-session-0123456789abcdef0123456789abcdef";
    private static final List<String> BASH = List.of(SESSION + "/bash", SESSION + "/bash/stream");
    private static final List<String> PYTHON = List.of(SESSION + "/python", SESSION + "/python/stream");

    static final List<String> ALL =
            List.of(CREATE, SESSION + "/keepalive", BASH.get(0), BASH.get(1), PYTHON.get(0), PYTHON.get(1));

    private static final Map<String, String> SENTENCES = Map.of(
            "REQUIRED", "Field required",
            "STRING", "Input should be a valid string",
            "INTEGER", "Input should be a valid integer",
            "MIN", "Input should be greater than or equal to 1",
            "MAX", "Input should be less than or equal to 86400",
            "BOOLEAN", "Input should be a valid boolean",
            "LIST", "Input should be a valid list",
            "OBJECT", "Input should be a valid dictionary or object to extract fields from");

    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.withoutEngine();
        api = service.api();
    }

    /** @param detail the whole member {@code detail} of the answer, with single quotes */
    record Case(String path, String body, String detail) {
        @Override
        public String toString() {
            return path.replace(SESSION, "...") + " " + body;
        }
    }

    private static Stream<Case> at(List<String> paths, String body, String... errors) {
        return paths.stream().map(path -> new Case(path, body, "[" + String.join(",", errors) + "]"));
    }

    private static String error(String type, String loc, String msg, String input) {
        return "{'type':'%s','loc':['body',%s],'msg':'%s','input':%s}".formatted(type, loc, msg, input);
    }

    private static String bound(String type, String field, String msg, String input, String ctx) {
        return "{'type':'%s','loc':['body','%s'],'msg':'%s','input':%s,'ctx':{%s}}"
                .formatted(type, field, msg, input, ctx);
    }

    static Stream<Case> creations() {
        List<String> create = List.of(CREATE);
        return Stream.of(
                        at(create, "{'files':null}", error("list_type", "'files'", "LIST", "null")),
                        at(create, "{'files':'x'}", error("list_type", "'files'", "LIST", "'x'")),
                        at(create, "{'files':[[]]}", error("model_attributes_type", "'files',0", "OBJECT", "[]")),
                        at(
                                create,
                                "{'ttl_seconds':0}",
                                bound("greater_than_equal", "ttl_seconds", "MIN", "0", "'ge':1")),
                        at(
                                create,
                                "{'ttl_seconds':-9223372036854775809}",
                                bound("greater_than_equal", "ttl_seconds", "MIN", "-9223372036854775809", "'ge':1")),
                        at(
                                create,
                                "{'ttl_seconds':9223372036854775808}",
                                bound("less_than_equal", "ttl_seconds", "MAX", "9223372036854775808", "'le':86400")),
                        at(
                                create,
                                "{'ttl_seconds':86401,'unknown':1,'files':[{'file_id':null},7,{'path':[],'file_id':'x'}]}",
                                error("missing", "'files',0,'path'", "REQUIRED", "{'file_id':null}"),
                                error("string_type", "'files',0,'file_id'", "STRING", "null"),
                                error("model_attributes_type", "'files',1", "OBJECT", "7"),
                                error("string_type", "'files',2,'path'", "STRING", "[]"),
                                bound("less_than_equal", "ttl_seconds", "MAX", "86401", "'le':86400")))
                .flatMap(rows -> rows);
    }

    static Stream<Case> commands() {
        List<String> keepAlive = List.of(SESSION + "/keepalive");
        return Stream.of(
                        at(keepAlive, "{'x':1}", error("missing", "'ttl_seconds'", "REQUIRED", "{'x':1}")),
                        at(keepAlive, "{'ttl_seconds':1.0}", error("int_type", "'ttl_seconds'", "INTEGER", "1.0")),
                        at(keepAlive, "{'ttl_seconds':null}", error("int_type", "'ttl_seconds'", "INTEGER", "null")),
                        at(
                                keepAlive,
                                "{'ttl_seconds':86401}",
                                bound("less_than_equal", "ttl_seconds", "MAX", "86401", "'le':86400")),
                        at(
                                BASH,
                                "{'timeout_ms':0}",
                                error("missing", "'cmd'", "REQUIRED", "{'timeout_ms':0}"),
                                bound("greater_than_equal", "timeout_ms", "MIN", "0", "'ge':1")),
                        at(
                                BASH,
                                "{'timeout_ms':'5','cmd':5}",
                                error("string_type", "'cmd'", "STRING", "5"),
                                error("int_type", "'timeout_ms'", "INTEGER", "'5'")),
                        at(
                                PYTHON,
                                "{'last_line_interactive':null,'timeout_ms':true,'stdin':{},'code':null}",
                                error("string_type", "'code'", "STRING", "null"),
                                error("string_type", "'stdin'", "STRING", "{}"),
                                error("int_type", "'timeout_ms'", "INTEGER", "true"),
                                error("bool_type", "'last_line_interactive'", "BOOLEAN", "null")),
                        at(
                                PYTHON,
                                "{'last_line_interactive':'maybe','timeout_ms':-1}",
                                error(
                                        "missing",
                                        "'code'",
                                        "REQUIRED",
                                        "{'last_line_interactive':'maybe','timeout_ms':-1}"),
                                bound("greater_than_equal", "timeout_ms", "MIN", "-1", "'ge':1"),
                                error(
                                        "bool_parsing",
                                        "'last_line_interactive'",
                                        "BOOLEAN, unable to interpret input",
                                        "'maybe'")))
                .flatMap(rows -> rows);
    }

    /** Bodies of which nobody reads a field. */
    static Stream<Case> bodies() {
        String missing = "{'type':'missing','loc':['body'],'msg':'REQUIRED','input':null}";
        String object = "{'type':'model_attributes_type','loc':['body'],'msg':'OBJECT','input':%s}";
        String malformed =
                "{'type':'json_invalid','loc':['body',%d],'msg':'JSON decode error','input':{},'ctx':{'error':'%s'}}";
        return Stream.of(
                        at(ALL, "", missing),
                        at(ALL, "null", missing),
                        at(ALL, "[1]", object.formatted("[1]")),
                        at(ALL, "'x'", object.formatted("'x'")),
                        at(ALL, "false", object.formatted("false")),
                        at(ALL, "{'ttl_seconds':}", malformed.formatted(15, "Expecting value")),
                        at(ALL, "{} {}", malformed.formatted(3, "Extra data")))
                .flatMap(rows -> rows);
    }

    @ParameterizedTest
    @MethodSource({"creations", "commands", "bodies"})
    void namesEveryError(Case row) {
        Answer answer = api.post(row.path(), row.body().replace('\'', '"'));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.body()).isEqualTo("{\"detail\":" + words(row.detail()) + ",\"code\":\"invalid_request\"}");
    }

    private static String words(String detail) {
        String text = detail.replace('\'', '"');
        for (Map.Entry<String, String> sentence : SENTENCES.entrySet()) {
            text = text.replace(sentence.getKey(), sentence.getValue());
        }
        return text;
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void refusesABodyThatIsNotUtf8(String path) {
        Answer answer = api.send(
                "POST",
                path,
                Map.of("Content-Type", "application/json"),
                BodyPublishers.ofString("{\"cmd\":\"\u00ff\"}", ISO_8859_1));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .isEqualTo("{\"detail\":\"There was an error parsing the body\",\"code\":\"malformed_body\"}");
    }

    /** In a list, so that a body that is taken for JSON is no session. */
    @ParameterizedTest
    @FieldSource("ALL")
    void tellsJsonByItsType(String path) {
        for (String type : List.of(
                "application/json",
                "application/json; charset=latin-1",
                "Application/JSON",
                "application/problem+json",
                "application/vnd.api+json;charset=utf-8")) {
            Answer answer = api.send("POST", path, Map.of("Content-Type", type), "[]");
            assertThat(answer.body())
                    .as(type)
                    .contains("\"loc\":[\"body\"]")
                    .endsWith("\"input\":[]}],\"code\":\"invalid_request\"}");
        }
        for (String type : List.of(
                "text/plain", "text/json", "application/x-www-form-urlencoded", "application/octet-stream", "*/*")) {
            Answer answer = api.send("POST", path, Map.of("Content-Type", type), "[]");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.body())
                    .as(type)
                    .startsWith("{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"]")
                    .endsWith("\"input\":\"[]\"}],\"code\":\"invalid_request\"}");
        }
    }

    /** Stricter than the reference, which answers 500 to both. */
    @ParameterizedTest
    @FieldSource("ALL")
    void refusesWhatIsNoValueOfJson(String path) {
        String lone = "\"\\ud800\"";
        for (String body : List.of(
                "{\"ttl_seconds\":NaN}",
                "{\"timeout_ms\":-Infinity,\"cmd\":\"\",\"code\":\"\"}",
                "{\"cmd\":%s,\"code\":%s,\"files\":[{\"path\":%s,\"file_id\":\"x\"}]}".formatted(lone, lone, lone))) {
            assertThat(api.post(path, body).status()).as(body).isEqualTo(422);
        }
    }
}
