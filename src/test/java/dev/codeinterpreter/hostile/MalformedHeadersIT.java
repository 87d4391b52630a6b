package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers that say nothing: refused or ignored, wherever they are sent. */
@Timeout(60)
class MalformedHeadersIT {
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.withoutEngine();
    }

    @AfterAll
    static void stop() {
        assertThat(service.log()).doesNotContain("\tat ");
    }

    static Stream<String> headers() {
        return Stream.of(
                "Content-Type: a/b;q=9",
                "Content-Type: a/b;q=x",
                "Content-Type: a/b;Q=9",
                "Content-Type: a/b;q=\"9\"",
                "Content-Type: a/b;q=",
                "Content-Type: a/b;q=-1",
                "Content-Type: a/b;q=0.12345",
                "Content-Type: a/b;q=1.5",
                "Content-Type: a/b;q",
                "Content-Type: a/b;qs=9",
                "Content-Type: */*",
                "Content-Type: a",
                "Content-Type: a/b,c/d",
                "Content-Type: a/b;x=\"",
                "Content-Type: multipart/form-data;q=9;boundary=x",
                "Content-Type: application/json;charset=nonsense",
                "If-None-Match: x",
                "If-None-Match: \"",
                "If-None-Match: W/",
                "If-None-Match: \"a\",b",
                "If-Match: x",
                "If-Match: \"",
                "If-Modified-Since: x",
                "If-Unmodified-Since: x",
                "Accept: x",
                "Accept: a/b;q=9",
                "Accept: ;;;",
                "Accept: a/b;q=x",
                "Accept-Language: x;q=9",
                "Accept-Language: ;;;",
                "Accept-Charset: x;q=9",
                "Accept-Encoding: gzip;q=9",
                "Accept-Encoding: ;;;",
                "Cookie: $Version=x;;=",
                "Date: x",
                "Content-Language: ;;",
                "Content-Encoding: ;;",
                "Content-Disposition: ;;;",
                "Range: x",
                "Link: <",
                "Authorization: x",
                "Forwarded: ;;",
                "X-Forwarded-Host: ;;",
                "Origin: x y",
                "Upgrade: x");
    }

    @ParameterizedTest
    @MethodSource("headers")
    void refusesOrIgnores(String header) throws IOException {
        for (String target : new String[] {
            "POST /v1/execute",
            "POST /v1/execute/stream",
            "POST /v1/files",
            "POST /v1/sessions",
            "GET /v1/files",
            "GET /health",
            "GET /docs",
            "GET /openapi.json",
            "GET /nothing"
        }) {
            String type = header.startsWith("Content-Type") ? "" : "Content-Type: application/json\r\n";
            String request = "%s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\nContent-Length: 2\r\n\r\n[]"
                    .formatted(target, type, header);
            try (Socket socket = service.api().connect()) {
                socket.getOutputStream().write(request.getBytes(UTF_8));
                String answer = Api.answer(socket);
                assertThat(answer).as(target).matches("(?s)HTTP/1\\.1 [24].*");
            }
        }
    }
}
