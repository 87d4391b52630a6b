package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every error says its kind in a word, also what the web server or JAX-RS answers by itself. The errors of single routes are
 * held against the description of the service in OpenApiAnswersIT, codes included.
 */
@Timeout(60)
class ErrorCodesIT {
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_FILE_SIZE_MB", "1", "MAX_REQUEST_MB", "1"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.engine().launches()).isZero();
            assertThat(used.log()).doesNotContain("\tat ");
        }
    }

    /** {n} is the end of a line, {long} and {body} have 20,000 characters and a megabyte. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | invalid_request        | GARBAGE{n}{n}
            400 | invalid_request        | GET /health{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}Host: a{n}Host: b{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}Host: localhost:x{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}Host: a b{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}Host: localhost{n} folded{n}{n}
            400 | invalid_request        | GET /v1/files/%ff HTTP/1.1{n}Host: localhost{n}{n}
            400 | invalid_request        | GET /health HTTP/1.1{n}Host: localhost{n}Content-Type: x{n}{n}
            400 | invalid_request        | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: x{n}{n}
            400 | invalid_request        | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Transfer-Encoding: gzip{n}{n}
            400 | malformed_body         | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Transfer-Encoding: chunked{n}{n}x{n}{n}
            400 | malformed_body         | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 3{n}{n}"\u00ff"
            400 | invalid_request        | GET /health HTTP/9.9{n}Host: localhost{n}{n}
            414 | too_large              | GET /{long} HTTP/1.1{n}Host: localhost{n}{n}
            431 | too_large              | GET /health HTTP/1.1{n}Host: localhost{n}X: {long}{n}{n}
            413 | too_large              | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 9000000{n}{n}
            413 | too_large              | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 1048578{n}{n}"{body}"
            403 | forbidden              | GET /health HTTP/1.1{n}Host: evil.test{n}{n}
            403 | forbidden              | GET /health HTTP/1.1{n}Host: localhost{n}Origin: http://evil.test{n}{n}
            403 | forbidden              | GET /metrics HTTP/1.1{n}Host: localhost{n}Sec-Fetch-Site: cross-site{n}{n}
            415 | unsupported_media_type | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Sec-Fetch-Mode: cors{n}Content-Length: 2{n}{n}{}
            415 | unsupported_media_type | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Encoding: gzip{n}Content-Length: 2{n}{n}{}
            404 | not_found              | GET /nothing HTTP/1.1{n}Host: localhost{n}{n}
            404 | not_found              | GET /docs/nothing HTTP/1.1{n}Host: localhost{n}{n}
            404 | not_found              | GET /health/nothing HTTP/1.1{n}Host: localhost{n}{n}
            404 | not_found              | GET /metrics/nothing HTTP/1.1{n}Host: localhost{n}{n}
            404 | not_found              | GET /v1/files/x HTTP/1.1{n}Host: localhost{n}{n}
            404 | not_found              | GET /v1/sessions/x HTTP/1.1{n}Host: localhost{n}{n}
            405 | method_not_allowed     | TRACE /health HTTP/1.1{n}Host: localhost{n}{n}
            405 | method_not_allowed     | OPTIONS /v1/execute HTTP/1.1{n}Host: localhost{n}{n}
            422 | invalid_request        | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 0{n}{n}
            422 | invalid_request        | POST /v1/execute HTTP/1.1{n}Host: localhost{n}Content-Length: 1{n}{n}{
            422 | invalid_request        | GET /v1/files?limit=x HTTP/1.1{n}Host: localhost{n}{n}
            """)
    void saysItsKindInAWord(int status, String code, String request) throws IOException {
        String bytes = request.replace("{n}", "\r\n")
                .replace("{long}", "a".repeat(20_000))
                .replace("{body}", "b".repeat(1 << 20));
        String answer = api.raw(bytes.getBytes(ISO_8859_1));
        assertThat(answer)
                .startsWith("HTTP/1.1 %d ".formatted(status))
                .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                .containsOnlyOnce("\r\nX-Request-Id: ")
                .contains("\r\n\r\n{\"detail\":")
                .endsWith(",\"code\":\"%s\"}".formatted(code));
    }

    static Stream<String> paths() {
        return OpenApi.of(api).operations().stream()
                .map(operation -> operation.path().replaceAll("\\{[a-z_]+}", "x"))
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("paths")
    void refusesOtherMethodsOnEveryPath(String path) {
        Answer answer = api.send("PATCH", path, Map.of(), "");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.code()).isEqualTo("method_not_allowed");
    }
}
