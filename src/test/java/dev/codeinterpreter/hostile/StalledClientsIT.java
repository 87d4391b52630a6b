package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that stop in the middle: they cost little, and not for long. */
@Tag("complete")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StalledClientsIT {
    private static final String HEAD =
            "POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n";
    /** A bound on hanging: the service waits for 3 s here. */
    private static final int TIMEOUT_MS = 35_000;

    private final List<Socket> sockets = new ArrayList<>();
    private ServiceProcess service;

    @BeforeEach
    void start() {
        service = ServiceProcess.start(Map.of(
                "SERVER_IDLE_CONNECTION_TIMEOUT", "PT4S",
                "SERVER_IDLE_CONNECTION_PERIOD", "PT1S",
                "SERVER_PROTOCOLS_WATCHED_HTTP_HEAD_TIMEOUT", "PT3S",
                "SERVER_PROTOCOLS_WATCHED_HTTP_READ_TIMEOUT", "PT3S"));
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        try (ServiceProcess used = service) {
            assertThat(used.log()).doesNotContain("OutOfMemoryError", "\tat ");
        }
    }

    @Test
    void holdsManyUnfinishedBodiesAndEndsThem() throws IOException {
        String values = "{\"code\":\"1\",\"x\":[" + "[],".repeat(40_000);
        String words = "{\"code\":\"1\",\"x\":[" + ("\"" + "w".repeat(50_000) + "\",").repeat(3);
        for (int i = 0; i < 300; i++) {
            send(HEAD + (i % 2 == 0 ? values : words));
        }
        assertServes();
        for (Socket socket : sockets) {
            assertEnds(socket);
        }
        assertServes();
    }

    @Test
    void endsConnectionsThatStopInTheMiddleOfARequest() throws IOException {
        for (String beginning : List.of(
                "POST /v1/execute HTTP/1.1|Host: localhost|Conte",
                "POST /v1/execute HTTP/1.1|Host: localhost|Content-Type: application/json|Content-Length: 9||{",
                "POST /v1/files HTTP/1.1|Host: localhost|Content-Type: multipart/form-data; boundary=b|Content-Length: 99||--b|",
                "POST /v1/execute HTTP/1.1|Host: localhost|Content-Type: application/json|Transfer-Encoding: chunked||9|{",
                "POST /nothing HTTP/1.1|Host: localhost|Content-Length: 9||{")) {
            send(beginning.replace("|", "\r\n"));
        }
        for (Socket socket : sockets) {
            assertEnds(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /hea", "GET /health HTTP/1.1|Host: localhost||"})
    void endsAnIdleConnection(String beginning) throws IOException {
        assertEnds(send(beginning.replace("|", "\r\n")));
    }

    @Test
    void readsOneLargeChunkInPieces() throws IOException {
        String head = "{\"code\":\"print(len(input()))\",\"timeout_ms\":20000,\"stdin\":\"";
        byte[] letters = "a".repeat(1 << 20).getBytes(UTF_8);
        int size = head.length() + 100 * letters.length + 2;
        Socket socket = send(
                "POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(size) + "\r\n" + head);
        OutputStream out = socket.getOutputStream();
        for (int i = 0; i < 100; i++) {
            out.write(letters);
        }
        out.write("\"}\r\n0\r\n\r\n".getBytes(UTF_8));
        assertThat(Api.answer(socket))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"stdout\":\"%d\\n\"".formatted(100 * letters.length));
    }

    private Socket send(String bytes) throws IOException {
        Socket socket = service.api().connect();
        sockets.add(socket);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.getOutputStream().write(bytes.getBytes(UTF_8));
        return socket;
    }

    /** Reads what comes until nothing can come any more. */
    private static void assertEnds(Socket socket) throws IOException {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
            assertThat(e).as("a timeout would be another exception").hasMessageContaining("reset");
        }
    }

    private void assertServes() {
        Answer health = service.api().get("/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(service.api().run(Program.of("print(1)")).stdout()).isEqualTo("1\n");
    }
}
