package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.sandbox.BackendException;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a small engine of our own that gives the answers of the test. */
@Timeout(30)
class EngineClientTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Within this time a hung engine is given up, however long the call may take. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(3);

    private static final Duration SILENCE = Duration.ofMillis(50);

    @TempDir
    Path directory;

    private FakeEngine engine;
    private EngineClient client;

    @BeforeEach
    void listen() throws IOException {
        engine = new FakeEngine(directory.resolve("engine.sock"));
        client = new EngineClient(engine.address());
    }

    @AfterEach
    void hangUp() throws IOException {
        client.close();
        engine.close();
    }

    /** From here on a call may be silent for {@link #SILENCE}, and a ping for {@code ping}. */
    private void watch(Duration ping) {
        client.close();
        client =
                new EngineClient(engine.address(), Optional.empty(), EngineTimings.DEFAULT.withWatchdog(SILENCE, ping));
    }

    @Test
    void givesUpAHungEngineInThreeSeconds() {
        assertThat(EngineTimings.DEFAULT.silence().plus(EngineTimings.DEFAULT.ping()))
                .isLessThan(GIVEN_UP);
    }

    @Test
    void readsAnAnswer() throws BackendException {
        engine.answers("GET /info", ok("{\"Name\":\"host\",\"NCPU\":2}"));
        assertThat(client.get("/info", TIMEOUT))
                .isEqualTo(Json.createObjectBuilder()
                        .add("Name", "host")
                        .add("NCPU", 2)
                        .build());
    }

    @Test
    void sendsABody() throws BackendException {
        engine.answers(
                "POST /containers/create?name=x", "HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{\"Id\":\"i\"}");
        JsonObject body = Json.createObjectBuilder().add("Image", "näme").build();
        assertThat(client.post("/containers/create?name=x", body, TIMEOUT).getString("Id"))
                .isEqualTo("i");
        assertThat(engine.bodies()).containsExactly("{\"Image\":\"näme\"}");
    }

    @Test
    void takesAnEmptyAnswerForAnEmptyObject() throws BackendException {
        engine.answers("POST /containers/x/start", "HTTP/1.1 204 No Content\r\n\r\n");
        assertThat(client.post("/containers/x/start", null, TIMEOUT)).isEmpty();
    }

    @Test
    void readsAnAnswerInChunks() throws BackendException {
        engine.answers(
                "GET /info",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n");
        assertThat(client.get("/info", TIMEOUT).getInt("a")).isEqualTo(1);
    }

    @Test
    void deletes() throws BackendException {
        engine.answers("DELETE /containers/x?force=true", "HTTP/1.1 204 No Content\r\n\r\n");
        client.delete("/containers/x?force=true", TIMEOUT);
        assertThat(engine.requests()).containsExactly("DELETE /containers/x?force=true");
    }

    @ParameterizedTest
    @CsvSource({"404,true,false", "409,false,true", "400,false,false", "500,false,false"})
    void saysHowTheEngineRefuses(int status, boolean notFound, boolean conflict) {
        String text = "{\"message\":\"its own words\"}";
        engine.answers(
                "GET /x", "HTTP/1.1 %d Refused\r\nContent-Length: %d\r\n\r\n%s".formatted(status, text.length(), text));
        assertThatThrownBy(() -> client.get("/x", TIMEOUT))
                .hasMessage("/x: %d %s".formatted(status, text))
                .asInstanceOf(type(BackendException.class))
                .satisfies(refusal -> {
                    assertThat(refusal.isNotFound()).isEqualTo(notFound);
                    assertThat(refusal.isConflict()).isEqualTo(conflict);
                    assertThat(refusal.isUnreachable()).isFalse();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"not JSON", "[]", "\"text\"", "{", "{\"a\":}", "<html></html>"})
    void refusesAnAnswerThatIsNoObject(String answer) {
        engine.answers("GET /info", ok(answer));
        assertUnreachable(() -> client.get("/info", TIMEOUT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void noticesAnEngineThatBreaksOff(String answer) {
        engine.answersAndHangsUp("GET /info", answer);
        assertUnreachable(() -> client.get("/info", TIMEOUT));
    }

    @Test
    void readsNoEndlessAnswer() {
        engine.answersWithoutEnd("GET /info");
        assertUnreachable(() -> client.get("/info", TIMEOUT));
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        engine.close();
        assertUnreachable(() -> client.get("/info", TIMEOUT));
        assertUnreachable(() -> client.ping(TIMEOUT));
    }

    @Test
    void survivesTheEnginesRestart() throws Exception {
        engine.answersAndHangsUp("GET /info", ok("{\"a\":1}"));
        assertThat(client.get("/info", TIMEOUT)).hasSize(1);
        engine.close();
        engine = new FakeEngine(directory.resolve("engine.sock"));
        engine.answers("GET /info", ok("{\"a\":1,\"b\":2}"));
        assertThat(client.get("/info", TIMEOUT)).hasSize(2);
    }

    @Test
    void givesUpAnEngineThatAcceptsAndSaysNothing() {
        watch(Duration.ofMillis(250));
        assertThat(timeOf(() -> assertUnreachable(() -> client.get("/info", TIMEOUT))))
                .isLessThan(GIVEN_UP);
        assertThat(engine.requests()).containsExactly("GET /info", "GET /_ping");
    }

    @Test
    void givesUpAnEngineThatHangsInTheMiddleOfItsAnswer() {
        watch(Duration.ofMillis(50));
        engine.answers("POST /containers/x/start", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        assertThat(timeOf(() -> assertUnreachable(() -> client.post("/containers/x/start", null, TIMEOUT))))
                .isLessThan(GIVEN_UP);
    }

    @Test
    void waitsForAnEngineThatIsOnlySlow() throws Exception {
        watch(TIMEOUT);
        engine.answers("GET /_ping", ok("OK"));
        FutureTask<JsonObject> answer = start(() -> client.get("/slow", TIMEOUT));
        engine.awaitRequest("GET /_ping");
        engine.answers("GET /slow", ok("{\"a\":1}"));
        assertThat(answer.get()).hasSize(1);
    }

    @Test
    void endsASlowCallAtItsDeadline() {
        engine.answers("GET /_ping", ok("OK"));
        watch(TIMEOUT);
        Duration timeout = Duration.ofMillis(200);
        assertThat(timeOf(() -> assertUnreachable(() -> client.get("/slow", timeout))))
                .isBetween(timeout, GIVEN_UP);
    }

    @Test
    void endsAPingAtItsDeadline() {
        Duration timeout = Duration.ofMillis(100);
        assertThat(timeOf(() -> assertUnreachable(() -> client.ping(timeout)))).isBetween(timeout, GIVEN_UP);
    }

    @Test
    void endsACallOfAnInterruptedThread() throws Exception {
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            assertUnreachable(() -> client.get("/slow", TIMEOUT));
            return Thread.currentThread().isInterrupted();
        });
        Thread caller = Thread.ofPlatform().start(interrupted);
        engine.awaitRequest("GET /slow");
        caller.interrupt();
        assertThat(interrupted.get()).isTrue();
    }

    /** The engine grants the stream while it is pinged, and does not answer the ping. */
    @Test
    void closesAStreamThatIsGrantedWhenItIsGivenUp() throws Exception {
        watch(Duration.ofMillis(400));
        FutureTask<AttachedChannel> attached =
                start(() -> AttachedChannel.open(client, "/containers/x/attach", null, TIMEOUT));
        engine.awaitRequest("GET /_ping");
        engine.echoes(
                "POST /containers/x/attach", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        assertThatThrownBy(attached::get).hasCauseInstanceOf(BackendException.class);
        Await.until("the end of the connection", Duration.ofSeconds(10), engine::hasHungUp);
    }

    @Test
    void handsOverTheConnectionOfAnAttachedContainer() throws Exception {
        engine.echoes(
                "POST /containers/x/attach", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        DockerHttpClient.Request request = DockerHttpClient.Request.builder()
                .method(DockerHttpClient.Request.Method.POST)
                .path("/containers/x/attach")
                .build();
        try (DockerHttpClient transport = new ZerodepDockerHttpClient.Builder()
                        .dockerHost(engine.address())
                        .build();
                EngineStream overTransport = TransportStream.open(transport, request);
                EngineStream overSocket = client.hijack("/containers/x/attach", null, TIMEOUT)) {
            for (EngineStream stream : List.of(overTransport, overSocket)) {
                stream.output().write("there ".getBytes(UTF_8));
                assertThat(stream.input().readNBytes(6)).asString(UTF_8).isEqualTo("there ");
                stream.output().write("and back".getBytes(UTF_8));
                assertThat(stream.input().readNBytes(8)).asString(UTF_8).isEqualTo("and back");
            }
        }
    }

    @Test
    void sendsABodyAheadOfAStream() throws Exception {
        engine.echoes("POST /exec/x/start", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        JsonObject body = Json.createObjectBuilder().add("Tty", "nön").build();
        client.hijack("/exec/x/start", body, TIMEOUT).close();
        assertThat(engine.bodies()).containsExactly("{\"Tty\":\"nön\"}");
    }

    @Test
    void closingAStreamFailsItsReadersAndWriters() throws Exception {
        engine.answersWithoutEnd("POST /containers/x/attach");
        assertThatThrownBy(() -> AttachedChannel.open(client, "/containers/x/attach", null, TIMEOUT))
                .isInstanceOf(BackendException.class);
        engine.echoes(
                "POST /containers/y/attach", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        EngineStream stream = client.hijack("/containers/y/attach", null, TIMEOUT);
        // The engine echoes, and we do not read: at some time neither takes any more.
        FutureTask<Integer> writer = start(() -> {
            while (true) {
                stream.output().write(new byte[1 << 16]);
            }
        });
        EngineStream silent = client.hijack("/containers/y/attach", null, TIMEOUT);
        FutureTask<Integer> reader = start(silent.input()::read);
        assertThatThrownBy(() -> writer.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        stream.close();
        silent.close();
        assertThatThrownBy(writer::get).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(reader::get).hasCauseInstanceOf(IOException.class);
        stream.close();
    }

    private static void assertUnreachable(ThrowingCallable call) {
        assertThatThrownBy(call).asInstanceOf(type(BackendException.class)).matches(BackendException::isUnreachable);
    }

    private static Duration timeOf(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(body.getBytes(UTF_8).length, body);
    }
}
