package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Well-formed requests that are refused: with which words, in which order of checks, and before anything is launched. In
 * bodies, ID stands for a stored file of 2 MB and GONE for one that never was.
 */
@Timeout(60)
class RefusalsIT {
    private static final String GONE = "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11";

    private static ServiceProcess service;
    private static String id = "";

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(
                Map.of("MAX_EXEC_TIMEOUT_MS", "20000", "MAX_STAGED_FILES", "3", "MAX_STAGED_MB", "3"));
        id = service.api().upload("x", "x".repeat(2 << 20));
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.engine().launches())
                    .as("sandboxes launched for refused requests")
                    .isZero();
        }
    }

    record Case(String name, String body, int status, String detail) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case path(String path, String detail) {
        return paths("path " + (path.length() <= 40 ? path : path.substring(0, 40)), detail, path);
    }

    private static Case paths(String name, String detail, String... paths) {
        JsonArrayBuilder files = Json.createArrayBuilder();
        for (String path : paths) {
            files.add(Json.createObjectBuilder().add("path", path).add("file_id", "ID"));
        }
        String body = Json.createObjectBuilder()
                .add("code", "1")
                .add("files", files)
                .build()
                .toString();
        return new Case(name, body, 422, detail);
    }

    static Stream<Case> cases() {
        String relative = "File paths must be relative.";
        String dots = "File paths must not contain '..'.";
        String empty = "File path must not be empty.";
        String reserved = "File path '__main__.py' is reserved for the execution entrypoint.";
        return Stream.of(
                new Case("timeout", "{'code':'1','timeout_ms':20001}", 422, "timeout_ms exceeds maximum of 20000 ms"),
                new Case(
                        "31 bits",
                        "{'code':'1','timeout_ms':2147483648}",
                        422,
                        "timeout_ms exceeds maximum of 20000 ms"),
                new Case(
                        "63 bits",
                        "{'code':'1','timeout_ms':9223372036854775808}",
                        422,
                        "timeout_ms exceeds maximum of 20000 ms"),
                new Case(
                        "schema before timeout",
                        "{'code':'1','timeout_ms':20001,'stdin':5}",
                        422,
                        "[{\"type\":\"string_type\""),
                new Case(
                        "timeout before ids",
                        "{'code':'1','timeout_ms':20001,'files':[{'path':'/x','file_id':'GONE'}]}",
                        422,
                        "timeout_ms exceeds maximum of 20000 ms"),
                new Case(
                        "ids before paths",
                        "{'code':'1','files':[{'path':'/x','file_id':'ID'},{'path':'p','file_id':'GONE'}]}",
                        404,
                        "File with ID '" + GONE + "' not found for path 'p'."),
                new Case(
                        "ids in order",
                        "{'code':'1','files':[{'path':'p','file_id':'b'},{'path':'q','file_id':'a'}]}",
                        404,
                        "File with ID 'b' not found for path 'p'."),
                new Case(
                        "id is a path",
                        "{'code':'1','files':[{'path':'p','file_id':'/etc/hostname'}]}",
                        404,
                        "File with ID '/etc/hostname' not found for path 'p'."),
                new Case(
                        "id climbs",
                        "{'code':'1','files':[{'path':'p','file_id':'../../etc/hostname'}]}",
                        404,
                        "File with ID '../../etc/hostname' not found for path 'p'."),
                new Case(
                        "id is empty",
                        "{'code':'1','files':[{'path':'p','file_id':''}]}",
                        404,
                        "File with ID '' not found for path 'p'."),
                new Case(
                        "id with NUL",
                        "{'code':'1','files':[{'path':'p','file_id':'GONE\\u0000'}]}",
                        404,
                        "File with ID '" + GONE),
                new Case(
                        "too many files",
                        "{'code':'1','files':[%s]}"
                                .formatted(String.join(",", Collections.nCopies(4, "{'path':'p','file_id':'ID'}"))),
                        422,
                        "4 files exceed the maximum of 3"),
                new Case(
                        "too many bytes",
                        "{'code':'1','files':[{'path':'p','file_id':'ID'},{'path':'q','file_id':'ID'}]}",
                        413,
                        "Staged files exceed the maximum of 3 MB"),
                new Case(
                        "paths before bytes",
                        "{'code':'1','files':[{'path':'p','file_id':'ID'},{'path':'','file_id':'ID'}]}",
                        422,
                        empty),
                path("/x", relative),
                path("//x", relative),
                path("/", relative),
                path("..", dots),
                path("a/..", dots),
                path("a/../../b", dots),
                path("./../x", dots),
                path("", empty),
                path(".", empty),
                path("./", empty),
                path(".//.", empty),
                path("__main__.py", reserved),
                path("./__main__.py", reserved),
                path("__main__.py/", reserved),
                path("__main__.py/x", reserved),
                path("a\nb", "File path 'a\ufffdb' must not contain control characters."),
                path("a\0b", "File path 'a\ufffdb' must not contain control characters."),
                path("a\u007fb", "File path 'a\ufffdb' must not contain control characters."),
                path("\u001b[31m", "File path '\ufffd[31m' must not contain control characters."),
                path("a".repeat(256), "File path '" + "a".repeat(256) + "' has a component of more than 255 bytes."),
                path(
                        "\u20ac".repeat(86),
                        "File path '" + "\u20ac".repeat(86) + "' has a component of more than 255 bytes."),
                path("a/".repeat(2500) + "a", "File path '" + "a/".repeat(128) + "...' is longer than 4084 bytes."),
                paths("the same twice", "File path 'a' is given twice.", "a", "a"),
                paths("the same in other words", "File path 'a/b' is given twice.", "a/b", "./a//b/"),
                paths("file and directory", "File path 'a' is both a file and a directory.", "a/b", "a"),
                paths(
                        "file and directory, neighbours between",
                        "File path 'a' is both a file and a directory.",
                        "a",
                        "a.b",
                        "a/b/c"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refuses(Case row) {
        Answer answer = service.api()
                .execute(row.body().replace('\'', '"').replace("ID", id).replace("GONE", GONE));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(row.status());
        if (row.detail().startsWith("[")) {
            assertThat(answer.body()).startsWith("{\"detail\":" + row.detail());
        } else {
            assertThat(answer.detail()).startsWith(row.detail());
        }
    }
}
