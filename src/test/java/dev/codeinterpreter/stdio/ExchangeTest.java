package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExchangeTest {

    /** Like one that does not come at all. */
    @Test
    void saysThatAnAnswerBreaksOff() throws IOException {
        List<String> received = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread _ = Thread.startVirtualThread(() -> answerInPart(server));
            URI url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/mcp");
            Exchange exchange = new Exchange(new Endpoint(url, Optional.empty()), "{}", JsonValue.EMPTY_JSON_OBJECT);
            assertThatThrownBy(() -> exchange.run(received::add))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("The service at " + url + " does not answer: ");
        }
        assertThat(received).isEmpty();
    }

    private static void answerInPart(ServerSocket server) {
        try (Socket socket = server.accept()) {
            int _ = socket.getInputStream().read(new byte[10_000]);
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".getBytes(US_ASCII));
            socket.shutdownOutput();
            // Until the client has closed it too: what has not been read would make of the end a reset.
            int _ = socket.getInputStream().read();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
