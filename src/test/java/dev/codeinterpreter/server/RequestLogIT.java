package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LOG_REQUESTS: a line for each request, and nothing in it that is the client's. */
@Timeout(60)
class RequestLogIT {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        Map<String, String> settings = new HashMap<>(Backend.current().nowhere());
        settings.put("LOG_REQUESTS", "true");
        service = ServiceProcess.start(settings);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static List<String> linesOf(String id) {
        return service.log()
                .lines()
                .filter(line -> line.contains("request_id=" + id + " ") && line.contains("RequestLog"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a1 | GET /health 200                                       | GET /health HTTP/1.1
            a2 | GET /v1/files/{file_id} 404                           | GET /v1/files/geheim?key=geheim HTTP/1.1
            a3 | GET /v1/sessions/{session_id}/files/{path} 422        | GET /v1/sessions/geheim/files/a%0ageheim HTTP/1.1
            a4 | GET - 404                                             | GET /geheim%0a2026-11-29T16:00:00 HTTP/1.1
            a5 | PUT /v1/execute 405                                   | PUT /v1/execute HTTP/1.1
            a6 | _OTHER /health 405                                    | GEHEIM /health HTTP/1.1
            a7 | GET - 400                                             | GET /%ff HTTP/1.1
            a8 | - - 400                                               | GET /geheim HTTP/1.1{n}geheim
            a9 | GET /metrics 200                                      | GET /metrics HTTP/1.1
            """)
    void isOneLineWithTheRoute(String id, String said, String head) throws IOException {
        String request = "%s{n}Host: localhost{n}Connection: close{n}{n}"
                .formatted(head.replaceFirst("HTTP/1.1", "HTTP/1.1{n}X-Request-Id: " + id));
        service.api().raw(request.replace("{n}", "\r\n").getBytes(ISO_8859_1));
        String line = Await.value(
                "the line of " + id, BOUND, () -> linesOf(id).stream().findFirst());
        assertThat(line)
                .matches(
                        "\\S+ INFO request_id=%s dev\\.codeinterpreter\\.server\\.RequestLog: %s in \\d+\\.\\d+ ms for 127\\.0\\.0\\.1"
                                .formatted(id, Pattern.quote(said)));
        assertThat(linesOf(id)).hasSize(1);
        assertThat(service.log()).doesNotContainIgnoringCase("geheim");
    }

    @Test
    void isNotWrittenUnlessItIsAskedFor() {
        assertThat(ServiceProcess.withoutEngine().api().get("/health").status()).isEqualTo(200);
        assertThat(ServiceProcess.withoutEngine().log()).isNotEmpty().doesNotContain("RequestLog");
    }
}
