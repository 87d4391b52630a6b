package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.ServiceProcess;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answer to a body that breaks the schema: every error, in field order, members in their order. */
@Timeout(60)
class SchemaErrorsIT {
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.withoutEngine();
    }

    /** @param detail the whole member {@code detail} of the answer */
    record Case(String name, String body, String detail) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A body with one error. */
    private static Case one(String name, String body, String error) {
        return new Case(name, body, "[" + error + "]");
    }

    private static Case notAString(String field, String value) {
        return one(field + " is " + value, "{\"code\":\"\",\"%s\":%s}".formatted(field, value), """
                {"type":"string_type","loc":["body","%s"],"msg":"Input should be a valid string","input":%s}
                """.formatted(
                        field, value));
    }

    private static Case notAnInteger(String value) {
        return one(
                "timeout_ms is " + value, "{\"code\":\"\",\"timeout_ms\":%s}".formatted(value), """
                {"type":"int_type","loc":["body","timeout_ms"],"msg":"Input should be a valid integer","input":%s}
                """.formatted(value));
    }

    private static Case tooSmall(String value) {
        return one(
                "timeout_ms is " + value, "{\"code\":\"\",\"timeout_ms\":%s}".formatted(value), """
                {"type":"greater_than_equal","loc":["body","timeout_ms"],"msg":"Input should be greater than or equal to 1",
                "input":%s,"ctx":{"ge":1}}
                """.formatted(value));
    }

    private static Case notABoolean(String value, String type, String message) {
        return one(
                "last_line_interactive is " + value,
                "{\"code\":\"\",\"last_line_interactive\":%s}".formatted(value),
                """
                {"type":"%s","loc":["body","last_line_interactive"],"msg":"%s","input":%s}
                """.formatted(type, message, value));
    }

    private static Case uninterpretable(String value) {
        return notABoolean(value, "bool_parsing", "Input should be a valid boolean, unable to interpret input");
    }

    private static Case neverABoolean(String value) {
        return notABoolean(value, "bool_type", "Input should be a valid boolean");
    }

    private static Case notAList(String value) {
        return one("files is " + value, "{\"code\":\"\",\"files\":%s}".formatted(value), """
                {"type":"list_type","loc":["body","files"],"msg":"Input should be a valid list","input":%s}
                """.formatted(value));
    }

    private static Case notAnObject(String name, String body, String location, String input) {
        return one(name, body, """
                {"type":"model_attributes_type","loc":%s,
                "msg":"Input should be a valid dictionary or object to extract fields from","input":%s}
                """.formatted(location, input));
    }

    private static Case notAnObject(String body) {
        return notAnObject("the body is " + body, body, "[\"body\"]", body);
    }

    private static Case malformed(String name, String body, int position, String reason) {
        return one(name, body, """
                {"type":"json_invalid","loc":["body",%d],"msg":"JSON decode error","input":{},"ctx":{"error":"%s"}}
                """.formatted(position, reason));
    }

    static Stream<Case> cases() {
        return Stream.of(
                one("nothing is given", "{}", """
                        {"type":"missing","loc":["body","code"],"msg":"Field required","input":{}}"""),
                one("only others are given", "{\"stdin\":\"x\",\"unknown\":[1]}", """
                        {"type":"missing","loc":["body","code"],"msg":"Field required","input":{"stdin":"x","unknown":[1]}}"""),
                notAString("code", "1"),
                notAString("code", "null"),
                notAString("code", "true"),
                notAString("code", "[\"x\"]"),
                notAString("code", "{\"a\":1}"),
                notAString("stdin", "5"),
                notAString("stdin", "[]"),
                notAnInteger("\"5\""),
                notAnInteger("5.0"),
                notAnInteger("1.5"),
                notAnInteger("true"),
                notAnInteger("null"),
                notAnInteger("[]"),
                tooSmall("0"),
                tooSmall("-1"),
                uninterpretable("2"),
                uninterpretable("-1"),
                uninterpretable("\"maybe\""),
                uninterpretable("\"\""),
                uninterpretable("\" true\""),
                neverABoolean("0.5"),
                neverABoolean("null"),
                neverABoolean("[]"),
                neverABoolean("{}"),
                notAList("{}"),
                notAList("null"),
                notAList("\"x\""),
                notAList("3"),
                notAnObject("an element is null", "{\"code\":\"\",\"files\":[null]}", "[\"body\",\"files\",0]", "null"),
                notAnObject(
                        "the second element is a list",
                        "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":\"i\"},[1]]}",
                        "[\"body\",\"files\",1]",
                        "[1]"),
                one("an element without a path", "{\"code\":\"\",\"files\":[{\"file_id\":\"i\"}]}", """
                        {"type":"missing","loc":["body","files",0,"path"],"msg":"Field required","input":{"file_id":"i"}}"""),
                one("an element without an id", "{\"code\":\"\",\"files\":[{\"path\":\"p\"}]}", """
                        {"type":"missing","loc":["body","files",0,"file_id"],"msg":"Field required","input":{"path":"p"}}"""),
                one("an element's path is a number", "{\"code\":\"\",\"files\":[{\"path\":1,\"file_id\":\"i\"}]}", """
                        {"type":"string_type","loc":["body","files",0,"path"],"msg":"Input should be a valid string","input":1}"""),
                one("an element's id is null", "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":null}]}", """
                        {"type":"string_type","loc":["body","files",0,"file_id"],"msg":"Input should be a valid string","input":null}"""),
                notAnObject("[]"),
                notAnObject("\"x\""),
                notAnObject("5"),
                notAnObject("true"),
                one("the body is null", "null", """
                        {"type":"missing","loc":["body"],"msg":"Field required","input":null}"""),
                one("the body is empty", "", """
                        {"type":"missing","loc":["body"],"msg":"Field required","input":null}"""),
                malformed("no value", "{\"code\": }", 9, "Expecting value"),
                malformed("no member", "{", 1, "Expecting property name enclosed in double quotes"),
                malformed("no end", "{\"code\":\"x\"", 11, "Expecting ',' delimiter"),
                malformed("no colon", "{\"code\" \"x\"}", 8, "Expecting ':' delimiter"),
                malformed("two values", "{\"code\":\"x\"}}", 12, "Extra data"),
                malformed("a word", "hello", 0, "Expecting value"),
                malformed(
                        "characters count, not bytes", "{\"code\":\"\u00e4\u20ac\" 1}", 13, "Expecting ',' delimiter"),
                new Case("all errors in field order", """
                        {"files":[{"path":1},7,{"path":"p","file_id":"i"}],"last_line_interactive":[],"timeout_ms":"x","stdin":2,"code":1}
                        """, """
                        [{"type":"string_type","loc":["body","code"],"msg":"Input should be a valid string","input":1},
                        {"type":"string_type","loc":["body","stdin"],"msg":"Input should be a valid string","input":2},
                        {"type":"int_type","loc":["body","timeout_ms"],"msg":"Input should be a valid integer","input":"x"},
                        {"type":"bool_type","loc":["body","last_line_interactive"],"msg":"Input should be a valid boolean","input":[]},
                        {"type":"string_type","loc":["body","files",0,"path"],"msg":"Input should be a valid string","input":1},
                        {"type":"missing","loc":["body","files",0,"file_id"],"msg":"Field required","input":{"path":1}},
                        {"type":"model_attributes_type","loc":["body","files",1],
                        "msg":"Input should be a valid dictionary or object to extract fields from","input":7}]
                        """));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesEveryError(Case row) {
        Answer answer = service.api().execute(row.body());
        assertThat(answer.compact())
                .isEqualTo(Answer.compact("{\"detail\":" + row.detail() + ",\"code\":\"invalid_request\"}"));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    }

    /** Stricter than the reference, which answers 500 to both. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"code\":\"\",\"timeout_ms\":NaN}",
                "{\"code\":\"\",\"timeout_ms\":Infinity}",
                "{\"code\":\"\\ud800\"}",
                "{\"code\":\"\",\"stdin\":\"\\udc00\\ud800\"}",
                "{\"code\":\"\",\"files\":[{\"path\":\"\\ud800\",\"file_id\":\"x\"}]}"
            })
    void refusesWhatIsNoValueOfJson(String body) {
        assertThat(service.api().execute(body).status()).isEqualTo(422);
    }

    @Test
    void refusesABodyThatIsNotUtf8() {
        byte[] body = "{\"code\":\"\u00ff\"}".getBytes(ISO_8859_1);
        Answer answer = service.api()
                .send(
                        "POST",
                        "/v1/execute",
                        Map.of("Content-Type", "application/json"),
                        BodyPublishers.ofByteArray(body));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .isEqualTo("{\"detail\":\"There was an error parsing the body\",\"code\":\"malformed_body\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/json;charset=latin-1",
                "APPLICATION/JSON",
                "application/vnd.api+json"
            })
    void takesForJson(String type) {
        Answer answer = service.api().send("POST", "/v1/execute", Map.of("Content-Type", type), "{}");
        assertThat(answer.body()).contains("\"type\":\"missing\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json"})
    void repeatsABodyOfAnotherType(String type) {
        Answer answer = service.api().send("POST", "/v1/execute", Map.of("Content-Type", type), "{\"code\":\"\"}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.compact()).isEqualTo(Answer.compact("""
                {"detail":[{"type":"model_attributes_type","loc":["body"],
                "msg":"Input should be a valid dictionary or object to extract fields from","input":"{\\"code\\":\\"\\"}"}],"code":"invalid_request"}
                """));
    }

    @Test
    void takesABodyWithoutATypeForJson() throws Exception {
        String answer = service.api()
                .raw("POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".getBytes(UTF_8));
        assertThat(answer).startsWith("HTTP/1.1 422 ").contains("\"type\":\"missing\",\"loc\":[\"body\",\"code\"]");
    }
}
