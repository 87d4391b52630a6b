package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What web pages get of a service that a browser can reach; the rules one by one are in BrowserRulesTest. */
@Timeout(60)
class BrowsersIT {
    private static final String RUN = "{\"code\":\"print(6 * 7)\"}";
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service =
                ServiceProcess.start(Map.of("CORS_ALLOWED_ORIGINS", "https://app.example.com", "WARM_POOL_SIZE", "0"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static String send(String method, String path, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
        return api.raw(head.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String host() {
        return "Host: localhost:" + api.port();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "POST /v1/execute",
                "POST /v1/execute/stream",
                "POST /v1/files",
                "GET /v1/files",
                "GET /v1/files/x",
                "DELETE /v1/files/x",
                "POST /v1/sessions",
                "GET /v1/sessions/x",
                "POST /v1/sessions/x/bash",
                "GET /v1/sessions/x/files",
                "GET /health",
                "GET /ready",
                "GET /metrics",
                "GET /health/live",
                "GET /openapi.json",
                "GET /docs",
                "GET /nothing",
                "HEAD /v1/files",
                "OPTIONS /v1/execute"
            })
    void refusesAPageOfAnotherOriginAndAReboundNameOnEveryPath(String method, String path) throws IOException {
        assertThat(send(method, path, "", host(), "Origin: http://evil.test"))
                .startsWith("HTTP/1.1 403 ")
                .contains(method.equals("HEAD") ? "403" : "CORS_ALLOWED_ORIGINS");
        assertThat(send(method, path, "", "Host: evil.test:" + api.port()))
                .startsWith("HTTP/1.1 403 ")
                .contains(method.equals("HEAD") ? "403" : "ALLOWED_HOSTS");
    }

    @Test
    void takesAnUntypedBodyForJsonFromWhatIsNoBrowser() throws IOException {
        assertThat(send("POST", "/v1/execute", RUN, host()))
                .startsWith("HTTP/1.1 200 ")
                .contains("42");
        assertThat(send("POST", "/v1/execute", RUN, host(), "Origin: http://localhost:" + api.port()))
                .startsWith("HTTP/1.1 415 ");
        assertThat(send("POST", "/v1/execute", RUN, host(), "Sec-Fetch-Mode: cors"))
                .startsWith("HTTP/1.1 415 ");
        assertThat(send("POST", "/v1/execute", "", host(), "Sec-Fetch-Mode: cors"))
                .startsWith("HTTP/1.1 422 ");
    }

    @Test
    void runsForAPageThatMay() throws IOException {
        String origin = "Origin: https://app.example.com";
        assertThat(send(
                        "OPTIONS",
                        "/v1/execute",
                        "",
                        host(),
                        origin,
                        "Access-Control-Request-Method: POST",
                        "Access-Control-Request-Headers: content-type"))
                .startsWith("HTTP/1.1 204 ")
                .contains("Access-Control-Allow-Origin: https://app.example.com\r\n")
                .containsIgnoringCase("Access-Control-Allow-Headers: Authorization, Content-Type")
                .containsIgnoringCase("Vary: Origin\r\n");
        assertThat(send("POST", "/v1/execute", RUN, host(), origin, "Content-Type: application/json"))
                .startsWith("HTTP/1.1 200 ")
                .contains("42", "Access-Control-Allow-Origin: https://app.example.com\r\n");
        assertThat(send("GET", "/v1/files/x", "", host(), origin))
                .startsWith("HTTP/1.1 404 ")
                .contains("Access-Control-Allow-Origin: https://app.example.com\r\n");
        assertThat(send("POST", "/v1/execute", RUN, host(), "Content-Type: application/json"))
                .startsWith("HTTP/1.1 200 ")
                .doesNotContain("Access-Control-Allow-Origin");
    }
}
