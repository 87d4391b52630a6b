package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HEAD on a web server as the service has it: the answer to GET, and where it ends. */
@Timeout(60)
class HeadRequestsTest {
    private static final int LONG = 1 << 20;
    /** It never ends, so there is one for all tests. */
    private static final StallWatch STALLS = new StallWatch();

    private WebServer server;
    private final AtomicInteger written = new AtomicInteger();

    @BeforeEach
    void start() {
        server = WebServer.builder()
                .host("127.0.0.1")
                .useNio(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(WatchedHttpProvider.selector(
                        TransferLimits.of(0), STALLS, new Handshakes(STALLS, false, Duration.ZERO)))
                .routing(this::addRoutes)
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private void addRoutes(HttpRouting.Builder routes) {
        routes.get("/short", (request, response) -> response.send("hello")).get("/long", this::writeLong);
    }

    private void writeLong(ServerRequest request, ServerResponse response) {
        try (OutputStream out = response.outputStream()) {
            byte[] piece = new byte[4096];
            for (int i = 0; i < LONG / piece.length; i++) {
                out.write(piece);
                written.addAndGet(piece.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void givesTheHeadOfTheAnswerToGetAndGoesOn() throws IOException {
        try (Socket client = connect()) {
            write(client, "HEAD /short");
            write(client, "HEAD /nothing");
            write(client, "GET /short");
            assertThat(Api.head(client)).startsWith("HTTP/1.1 200 ").containsIgnoringCase("Content-Length: 5\r\n");
            assertThat(Api.head(client)).startsWith("HTTP/1.1 404 ");
            assertThat(Api.head(client)).startsWith("HTTP/1.1 200 ");
            assertThat(new String(client.getInputStream().readNBytes(5), ISO_8859_1))
                    .isEqualTo("hello");
        }
    }

    @Test
    void makesNoLongBodyForNobody() throws IOException {
        try (Socket client = connect()) {
            write(client, "HEAD /long");
            assertThat(Api.head(client)).startsWith("HTTP/1.1 200 ");
            assertThat(client.getInputStream().read()).as("the end").isNegative();
        }
        assertThat(written.get()).isPositive().isLessThan(LONG / 2);
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    private static void write(Socket client, String request) throws IOException {
        client.getOutputStream().write((request + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(ISO_8859_1));
    }
}
