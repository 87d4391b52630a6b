package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ExchangeTest {

    /** Like one that does not come at all. */
    @Test
    void saysThatAnAnswerBreaksOff() throws IOException {
        List<String> received = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread _ = Thread.startVirtualThread(() -> answer(server, 100, "{"));
            URI url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/mcp");
            Exchange exchange = new Exchange(new Endpoint(url, Optional.empty()), "{}", JsonValue.EMPTY_JSON_OBJECT);
            assertThatThrownBy(() -> exchange.run(received::add))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("The service at " + url + " does not answer: ");
        }
        assertThat(received).isEmpty();
    }

    /** An array of messages is no notification, though it has no id. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"id\":1},{\"id\":2}] | [{\"id\":1}] | true",
                "{\"id\":1} | {\"id\":1} | true",
                "7 | {\"jsonrpc\":\"2.0\"} | true",
                "{\"method\":\"m\"} | {\"jsonrpc\":\"2.0\"} | false"
            })
    void handsOverWhatAnswersAnythingButANotification(String line, String answer, boolean isHandedOver)
            throws IOException {
        List<String> received = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread _ = Thread.startVirtualThread(() -> answer(server, answer.length(), answer));
            URI url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/mcp");
            JsonValue message = Json.createReader(new StringReader(line)).readValue();
            Exchange exchange = new Exchange(new Endpoint(url, Optional.empty()), line, message);
            assertThat(exchange.isAwaited()).isNotEqualTo(isHandedOver);
            exchange.run(received::add);
        }
        assertThat(received).isEqualTo(isHandedOver ? List.of(answer) : List.of());
    }

    private static void answer(ServerSocket server, int length, String body) {
        try (Socket socket = server.accept()) {
            int _ = socket.getInputStream().read(new byte[10_000]);
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(length, body)
                            .getBytes(US_ASCII));
            socket.shutdownOutput();
            // Until the client has closed it too: what has not been read would make of the end a reset.
            long _ = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
