package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Certificates;
import dev.codeinterpreter.server.ConnectionListener.Reason;
import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections of TLS to a web server as the service has it, from their handshake to their end. */
@Timeout(60)
class HandshakesTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofMinutes(10);
    /** The head of a record with a ClientHello of 512 bytes, and its first byte. */
    private static final byte[] BEGINNING = {0x16, 3, 1, 2, 0, 1};

    private static final TransferLimits LIMITS = TransferLimits.of(0);

    @TempDir
    private static Path directory;

    private static SSLContext certified;
    private static SSLContext trusting;

    private final StallWatch stalls = new StallWatch(Duration.ofMillis(20));
    private final List<Reason> refused = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new ArrayList<>();
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private @Nullable Handshakes handshakes;
    private @Nullable Connections connections;
    private @Nullable WebServer server;

    @BeforeAll
    static void certify() {
        Certificates certificates = new Certificates(directory);
        certified = certificates.context(certificates.server());
        trusting = Certificates.trusting(directory.resolve("ca.pem"));
    }

    @AfterEach
    void stop() throws IOException {
        mayEnd.countDown();
        for (Socket client : clients) {
            client.close();
        }
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void thatDoNotEndAreCutAndOthersAreServedMeanwhile() throws IOException {
        start(LIMITS, Duration.ofSeconds(1), 100);
        Socket silent = connect();
        Socket half = connect();
        half.getOutputStream().write(BEGINNING);
        assertThat(get(handshake(connect(), "TLSv1.3"))).isEqualTo("hello");
        assertEnds(silent);
        assertEnds(half);
        assertThat(requireNonNull(connections).active()).isEqualTo(1);
        assertThat(requireNonNull(handshakes).count()).isZero();
        assertThat(get(handshake(connect(), "TLSv1.3"))).isEqualTo("hello");
    }

    @Test
    void countAndGiveWayToOtherConnections() throws IOException {
        start(LIMITS, LONG, 8);
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            silent.add(connect());
        }
        Await.until("all are accepted", BOUND, () -> refused.size() >= 12);
        assertThat(requireNonNull(connections).active()).isLessThanOrEqualTo(8);
        assertThat(refused).containsOnly(Reason.EVICTED);
        assertEnds(silent.getFirst());
        assertThat(get(handshake(connect(), "TLSv1.3"))).isEqualTo("hello");
    }

    /** Which is what a load balancer's probe does, or a client that has the wrong scheme. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "\r\n\r\n\r\n",
                "\u0016\u0003\u0001\u0000\u0004c\u0000\u0000\u0000"
            })
    void thatFailEndAtOnceAndAreForgotten(String bytes) throws IOException {
        start(LIMITS, LONG, 100);
        Socket client = connect();
        client.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        assertEnds(client);
        Await.until("it is forgotten", BOUND, () -> requireNonNull(connections).active() == 0);
        assertThat(requireNonNull(handshakes).count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void leadToConnectionsThatStayAndEndWithAWord(String version) throws IOException {
        start(LIMITS, LONG, 100);
        SSLSocket client = handshake(connect(), version);
        for (int i = 0; i < 3; i++) {
            assertThat(get(client)).isEqualTo("hello");
        }
        assertThat(requireNonNull(connections).active()).isEqualTo(1);
        assertThat(requireNonNull(handshakes).count()).isZero();
        client.getOutputStream()
                .write("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
        assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                .endsWith("hello");
        Await.until("it is closed", BOUND, () -> requireNonNull(connections).active() == 0);
    }

    /** It does not answer the word, and has no place for it either: its window is full. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void leadToConnectionsThatEndWithoutTheirClients(String version) throws IOException {
        start(
                new TransferLimits(
                        LIMITS.head(),
                        LIMITS.read(),
                        Duration.ofMillis(500),
                        0,
                        LIMITS.rateWindow(),
                        Duration.ofMillis(200),
                        LIMITS.presence()),
                LONG,
                100);
        for (String path : List.of("/hello", "/endless")) {
            SSLSocket client = handshake(connect(), version);
            client.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .formatted(path)
                            .getBytes(ISO_8859_1));
        }
        Await.until("they are closed", BOUND, () -> requireNonNull(connections).active() == 0);
    }

    @Test
    void doNotHoldTheServerUpWhenItStops() throws IOException {
        start(LIMITS, LONG, 100);
        Socket silent = connect();
        Await.until("it is accepted", BOUND, () -> requireNonNull(handshakes).count() == 1);
        requireNonNull(server).stop();
        server = null;
        assertEnds(silent);
    }

    @Test
    void carryAnAnswerInPieces() throws IOException {
        start(LIMITS, LONG, 100);
        SSLSocket client = handshake(connect(), "TLSv1.3");
        client.getOutputStream().write("GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
        assertThat(Api.head(client)).startsWith("HTTP/1.1 200 OK");
        assertThat(client.getInputStream().readNBytes(8)).asString(ISO_8859_1).isEqualTo("3\r\none\r\n");
        mayEnd.countDown();
        assertThat(client.getInputStream().readNBytes(8)).asString(ISO_8859_1).isEqualTo("3\r\ntwo\r\n");
    }

    private void start(TransferLimits limits, Duration handshake, int max) {
        handshakes = new Handshakes(stalls, true, handshake);
        connections = new Connections(new ConnectionLimits(max, 0), stalls, handshakes, refused::add);
        server = WebServer.builder()
                .host("127.0.0.1")
                .useNio(false)
                .shutdownGracePeriod(LONG)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(WatchedHttpProvider.selector(limits, stalls, handshakes))
                .tls(Tls.builder().sslContext(certified).build())
                .routing(routes -> routes.addFilter(HandshakesTest::endIfAsked)
                        .get("/hello", (request, response) -> response.send("hello"))
                        .get("/endless", HandshakesTest::writeWithoutEnd)
                        .get("/pieces", this::writePieces))
                .build()
                .start();
        LimitedListener.install(server, connections, () -> {});
        // The first one is accepted from the socket itself.
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            Await.until("one more", BOUND, this::isAccepted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("it is forgotten", BOUND, () -> requireNonNull(connections).active() == 0);
    }

    /** As the service's own filter does. */
    private static void endIfAsked(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (request.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            throw new CloseConnectionException("asked for");
        }
    }

    private static void writeWithoutEnd(ServerRequest request, ServerResponse response) {
        try (OutputStream out = response.outputStream()) {
            while (true) {
                out.write(new byte[16 * 1024]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writePieces(ServerRequest request, ServerResponse response) {
        try (OutputStream out = response.outputStream()) {
            out.write("one".getBytes(ISO_8859_1));
            out.flush();
            mayEnd.await();
            out.write("two".getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAccepted() {
        try (Socket _ = new Socket(
                InetAddress.getLoopbackAddress(), requireNonNull(server).port())) {
            return requireNonNull(connections).active() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(
                InetAddress.getLoopbackAddress(), requireNonNull(server).port());
        client.setSoTimeout((int) BOUND.toMillis());
        clients.add(client);
        return client;
    }

    private static SSLSocket handshake(Socket client, String version) throws IOException {
        SSLSocket secure =
                (SSLSocket) trusting.getSocketFactory().createSocket(client, "127.0.0.1", client.getPort(), true);
        secure.setEnabledProtocols(new String[] {version});
        secure.startHandshake();
        return secure;
    }

    private static String get(SSLSocket client) throws IOException {
        client.getOutputStream().write("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
        return Api.answer(client).replaceAll("(?s).*\r\n\r\n", "");
    }

    private static void assertEnds(Socket client) throws IOException {
        try {
            // What comes before the end is an alert.
            assertThat(client.getInputStream().readAllBytes()).hasSizeLessThan(20);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }
}
