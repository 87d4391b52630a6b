package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a small engine of our own that gives the answers of the test; with a real engine and a registry: RegistryIT. */
@Timeout(30)
class ExecutorImageTest {
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final String INSPECT = "GET /images/registry:5000/name:1/json";
    private static final String PULL = "POST /images/create?fromImage=registry%3A5000%2Fname&tag=1";
    private static final String FOUND = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    private static final String MISSING = refused(404, "No such image");
    private static final String PULLED = streamed("{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\r\n");

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

    @Test
    void pullsAnImageThatIsMissing() throws InterruptedException {
        engine.answers(INSPECT, MISSING);
        try (ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO)) {
            engine.awaitRequest(PULL);
            assertThat(image.isBeingPulled()).isTrue();
            engine.answers(INSPECT, FOUND);
            engine.answers(PULL, PULLED);
            await("an image that is there", () -> !image.isBeingPulled());
            assertThat(image.trouble()).isEmpty();
            assertThat(engine.requests()).containsExactly(INSPECT, PULL, INSPECT);
        }
    }

    @Test
    void looksAgainAndPullsWhatHasVanished() throws InterruptedException {
        engine.answers(INSPECT, FOUND);
        try (ExecutorImage image = start(PullPolicy.MISSING, SHORT)) {
            await("a second look", () -> count(INSPECT) > 1);
            assertThat(engine.requests()).containsOnly(INSPECT);
            engine.answers(INSPECT, MISSING);
            engine.awaitRequest(PULL);
            engine.answers(INSPECT, FOUND);
            engine.answers(PULL, PULLED);
            await("an image that is there", () -> !image.isBeingPulled());
        }
    }

    @Test
    void pullsOnceInAnyCaseWhenAskedTo() throws InterruptedException {
        engine.answers(INSPECT, FOUND);
        try (ExecutorImage image = start(PullPolicy.ALWAYS, SHORT)) {
            engine.awaitRequest(PULL);
            engine.answers(PULL, PULLED);
            await("the end of the pull", () -> !image.isBeingPulled());
            int looks = count(INSPECT);
            await("further looks", () -> count(INSPECT) > looks + 2);
            assertThat(count(PULL)).isEqualTo(1);
        }
    }

    /** Each time with another answer, the last of which is good. */
    @Test
    void triesAgainUntilItSucceeds() {
        engine.answers(INSPECT, MISSING);
        engine.answers(PULL, refused(500, "dial tcp 127.0.0.1:5000: connect: connection refused"));
        try (ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO)) {
            await("two pulls", () -> count(PULL) > 1);
            await("a reason", () -> image.trouble().equals("the registry cannot be reached, or failed"));
            engine.answers(PULL, streamed("{\"errorDetail\":{\"message\":\"x\"},\"error\":\"manifest unknown\"}\r\n"));
            await(
                    "another reason",
                    () -> image.trouble().equals("the registry has no such image, or asks for credentials"));
            // Of an engine that says that it has pulled, and has not, nothing is believed.
            engine.answers(PULL, PULLED);
            await("a third reason", () -> image.trouble().equals("the registry cannot be reached, or failed"));
            engine.answers(INSPECT, FOUND);
            await("no reason", () -> image.trouble().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404|pull access denied for x, repository does not exist or may require 'docker login'"
                        + "|the registry has no such image, or asks for credentials",
                "500|Head \"http://127.0.0.1:5000/v2/x/manifests/1\": no basic auth credentials"
                        + "|the registry does not accept our credentials, or asks for some",
                "500|Head \"http://127.0.0.1:5000/v2/x/manifests/1\": unauthorized: authentication required"
                        + "|the registry does not accept our credentials, or asks for some",
                "500|secret of the registry|the registry cannot be reached, or failed"
            })
    void saysWhyInWordsOfItsOwn(int status, String text, String reason) {
        engine.answers(INSPECT, MISSING);
        engine.answers(PULL, refused(status, text));
        try (ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO)) {
            await("a reason", () -> image.trouble().equals(reason));
        }
    }

    @Test
    void waitsForAnEngineThatIsAway() throws IOException {
        engine.close();
        try (ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO)) {
            engine = new FakeEngine(directory.resolve("engine.sock"));
            engine.answers(INSPECT, FOUND);
            await("a look", () -> count(INSPECT) > 0);
            assertThat(image.trouble()).isEmpty();
        }
    }

    @Test
    void givesUpAPullOfWhichNothingIsHeard() throws InterruptedException {
        engine.answers(INSPECT, MISSING);
        try (ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO)) {
            engine.awaitRequest(PULL);
            await("the end of the pull", () -> !image.trouble().isEmpty());
            await("another pull", () -> count(PULL) > 1);
        }
    }

    /** On the engine, too: it ends a pull whose caller hangs up. */
    @Test
    void endsAPullWhenItIsClosed() throws InterruptedException {
        engine.answers(INSPECT, MISSING);
        engine.echoes(PULL, "HTTP/1.1 200 OK\r\n\r\n{}\n");
        ExecutorImage image = start(PullPolicy.MISSING, Duration.ZERO);
        engine.awaitRequest(PULL);
        image.close();
        await("a connection that is closed", engine::hasHungUp);
        image.start();
        await("the end of the pull", () -> !image.isBeingPulled());
        assertThat(count(PULL)).isEqualTo(1);
    }

    private ExecutorImage start(PullPolicy policy, Duration watchdog) {
        DockerConfig config = new DockerConfig(
                engine.address(),
                Optional.empty(),
                "registry:5000/name:1",
                "none",
                RunArguments.NONE,
                policy,
                watchdog,
                directory);
        ExecutorImage image = new ExecutorImage(
                client,
                config,
                new RegistryCredentials(directory, new CredentialProgram()),
                new ExecutorImage.Timings(
                        Duration.ofSeconds(5),
                        SHORT,
                        SHORT,
                        Duration.ofMillis(50),
                        SHORT,
                        Duration.ofSeconds(1),
                        Duration.ofHours(1)));
        image.start();
        image.start();
        return image;
    }

    private int count(String request) {
        return Collections.frequency(engine.requests(), request);
    }

    private static void await(String what, BooleanSupplier condition) {
        Await.until(what, Duration.ofSeconds(10), condition);
    }

    private static String refused(int status, String text) {
        String body = "{\"message\":\"%s\"}".formatted(text.replace("\"", "\\\""));
        return "HTTP/1.1 %d Refused\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
    }

    private static String streamed(String lines) {
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
                .formatted(lines.length(), lines);
    }
}
