package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of a web server as the service has it, each of which leaves, or does not, while its request is served. */
@Timeout(60)
class ClientWatchTest {
    private static final String INTERIM = "HTTP/1.1 100 Continue\r\n\r\n";
    private static final TransferLimits LIMITS = TransferLimits.of(0)
            .withPresence(new TransferLimits.Presence(
                    Duration.ofMillis(10),
                    List.of(Duration.ofMillis(50), Duration.ofMillis(150), Duration.ZERO),
                    Duration.ofSeconds(10)));

    private final StallWatch stalls = new StallWatch();
    /** Requests that are being served. */
    private final Semaphore begun = new Semaphore(0);

    private final Semaphore gone = new Semaphore(0);
    private final Semaphore probed = new Semaphore(0);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private WebServer server;

    @BeforeEach
    void start() {
        WebServerConfig.Builder builder = WebServer.builder();
        secure(builder);
        server = builder.host("127.0.0.1")
                .useNio(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(
                        WatchedHttpProvider.selector(LIMITS, stalls, new Handshakes(stalls, false, LIMITS.head())))
                .routing(this::addRoutes)
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        mayAnswer.countDown();
        server.stop();
    }

    private void addRoutes(HttpRouting.Builder routes) {
        Handler echo = Handler.create(String.class, (text, response) -> response.send(text));
        routes.post("/quick", echo)
                .post("/wait", Handler.create(String.class, this::answerLater))
                .post("/nested", Handler.create(String.class, this::answerAfterAnotherWatch))
                .post("/slow", Handler.create(String.class, this::answerSlowly))
                .post("/unread", this::waitUnread, echo)
                .post("/stream", Handler.create(String.class, this::stream))
                .post("/settle", Handler.create(String.class, this::settle));
    }

    private void answerLater(String text, ServerResponse response) {
        try (ClientWatch _ = ClientWatch.begin(gone::release)) {
            begun.release();
            await(mayAnswer);
            response.send(text);
        }
    }

    /** What is done for a request may watch its client too, for a time. */
    private void answerAfterAnotherWatch(String text, ServerResponse response) {
        try (ClientWatch _ = ClientWatch.begin(gone::release)) {
            try (ClientWatch _ = ClientWatch.begin(() -> {})) {
                pause();
            }
            begun.release();
            await(mayAnswer);
            response.send(text);
        }
    }

    private void answerSlowly(String text, ServerResponse response) {
        try (ClientWatch _ = ClientWatch.begin(gone::release)) {
            pause();
            response.send(text);
        }
    }

    /** Before the body is read, and while it is: the watch ends with the request. */
    private void waitUnread(ServerRequest request, ServerResponse response) {
        ClientWatch _ = ClientWatch.begin(gone::release);
        begun.release();
        await(mayAnswer);
        response.next();
    }

    /** The first half of the answer, and the second when it may. */
    private void stream(String text, ServerResponse response) {
        try (ClientWatch watch = ClientWatch.begin(gone::release);
                OutputStream out = response.outputStream()) {
            watch.probeWith(probed::release);
            out.write(text.getBytes(ISO_8859_1));
            out.flush();
            out.write('-');
            out.flush();
            begun.release();
            await(mayAnswer);
            out.write(text.getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void settle(String text, ServerResponse response) {
        try (ClientWatch watch = ClientWatch.begin(gone::release)) {
            begun.release();
            await(mayAnswer);
            watch.settle();
            response.send(text);
        }
    }

    @Test
    void noticesAReset() throws Exception {
        try (Socket client = begin("/wait")) {
            client.setSoLinger(true, 0);
        }
        assertGone();
    }

    @Test
    void noticesAClose() throws Exception {
        begin("/wait").close();
        assertGone();
    }

    @Test
    void noticesACloseAfterAnotherWatchHasEnded() throws Exception {
        begin("/nested").close();
        assertGone();
    }

    /** The end of a client's bytes has been read when its second request begins. */
    @ParameterizedTest
    @ValueSource(strings = {"/quick", "/wait"})
    void noticesACloseBehindAnotherRequest(String next) throws Exception {
        try (Socket client = begin("/wait")) {
            write(client, request(next, "2"));
        }
        assertGone();
    }

    @Test
    void answersAClientThatClosesHalf() throws Exception {
        try (Socket client = begin("/wait")) {
            client.shutdownOutput();
            assertThat(readText(client, 3 * INTERIM.length())).isEqualTo(INTERIM.repeat(3));
            mayAnswer.countDown();
            String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nbody");
        }
        assertThat(gone.availablePermits()).isZero();
    }

    @Test
    void writesNothingIntoAnAnswer() throws Exception {
        try (Socket client = begin("/stream")) {
            client.shutdownOutput();
            for (int i = 0; i < 3; i++) {
                assertThat(probed.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            }
            mayAnswer.countDown();
            String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("100");
            assertThat(answer).endsWith("\r\n\r\n4\r\nbody\r\n1\r\n-\r\n4\r\nbody\r\n0\r\n\r\n");
        }
    }

    /** While it is served, the next ones arrive: in one piece with it, behind it, and larger than what is read ahead. */
    @Test
    void losesNothingOfWhatIsReadAhead() throws Exception {
        String large = "x".repeat(100_000);
        try (Socket client = connect()) {
            write(client, request("/wait", "1") + request("/quick", "2"));
            begun.acquire();
            pause();
            write(client, request("/quick", "3"));
            pause();
            Thread writer =
                    Thread.ofVirtual().start(() -> write(client, request("/quick", large) + request("/quick", "4")));
            pause();
            mayAnswer.countDown();
            for (String expected : new String[] {"1", "2", "3", large, "4"}) {
                assertThat(answer(client)).isEqualTo(expected);
            }
            writer.join();
        }
        assertThat(gone.availablePermits()).isZero();
    }

    /** A thread of ours is in a read that it began during the first request. */
    @Test
    void servesAConnectionThatIsIdleAfterwards() throws Exception {
        try (Socket client = connect()) {
            for (int i = 0; i < 3; i++) {
                write(client, request("/slow", "body"));
                assertThat(answer(client)).isEqualTo("body");
                String next = request("/quick", "x".repeat(20_000));
                write(client, next.substring(0, 30));
                pause();
                write(client, next.substring(30, 10_000));
                pause();
                write(client, next.substring(10_000));
                assertThat(answer(client)).hasSize(20_000);
            }
        }
    }

    /** Nobody asks it for anything while it waits to be allowed to send its body. */
    @Test
    void leavesABodyThatIsNotReadAlone() throws Exception {
        try (Socket client = connect()) {
            write(client, headThatExpects("/unread"));
            begun.acquire();
            pause();
            mayAnswer.countDown();
            assertThat(readText(client, INTERIM.length())).isEqualTo(INTERIM);
            write(client, "body");
            assertThat(answer(client)).isEqualTo("body");
        }
        assertThat(gone.availablePermits()).isZero();
    }

    /** The interim answer that it asked for is not the beginning of its answer. */
    @Test
    void noticesAClientThatHadToAskForItsBody() throws Exception {
        try (Socket client = connect()) {
            write(client, headThatExpects("/wait"));
            assertThat(readText(client, INTERIM.length())).isEqualTo(INTERIM);
            write(client, "body");
            begun.acquire();
        }
        assertGone();
    }

    /** As it may be when a connection is needed for another client: at once, and not only interrupted. */
    @Test
    void letsAnIdleConnectionBeEvicted() throws Exception {
        try (Socket client = begin("/wait")) {
            pause();
            mayAnswer.countDown();
            assertThat(answer(client)).isEqualTo("body");
            while (!stalls.evict()) {
                Thread.onSpinWait();
            }
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void settlesWhetherAClientHasJustGone() throws Exception {
        Socket client = begin("/settle");
        pause();
        client.close();
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        mayAnswer.countDown();
        assertGone();
        try (Socket other = begin("/settle")) {
            assertThat(answer(other)).isEqualTo("body");
        }
    }

    private void assertGone() throws InterruptedException {
        assertThat(gone.tryAcquire(20, TimeUnit.SECONDS)).as("noticed").isTrue();
    }

    /** Sends a request, and returns when it is served and its connection may be read ahead. */
    private Socket begin(String path) throws IOException, InterruptedException {
        Socket client = connect();
        write(client, request(path, "body"));
        begun.acquire();
        return client;
    }

    /** Nothing: the port speaks HTTP. */
    void secure(WebServerConfig.Builder builder) {}

    Socket open(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private Socket connect() throws IOException {
        Socket client = open(server.port());
        client.setSoTimeout(30_000);
        return client;
    }

    /** Four times the grace, so that reading ahead has begun. */
    private static void pause() {
        LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
    }

    private static String request(String path, String body) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(path, body.length(), body);
    }

    /** Of a request whose client waits to be told that it may send its body of four bytes. */
    private static String headThatExpects(String path) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
                .formatted(path);
    }

    private static void write(Socket client, String text) {
        try {
            client.getOutputStream().write(text.getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readText(Socket client, int length) throws IOException {
        return new String(client.getInputStream().readNBytes(length), ISO_8859_1);
    }

    /** The body of the next answer. */
    private static String answer(Socket client) throws IOException {
        String length = Api.head(client).replaceAll("(?is).*content-length: (\\d+).*", "$1");
        return readText(client, Integer.parseInt(length));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
