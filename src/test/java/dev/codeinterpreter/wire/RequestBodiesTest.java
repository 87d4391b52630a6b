package dev.codeinterpreter.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RequestBodiesTest {
    private static final int KB = 1 << 10;
    private static final BodyLimits LIMITS = BodyLimits.from(new Settings(name -> Optional.empty()));

    @TempDir
    Path directory;

    private final StorageBudget budget = new StorageBudget(4 << 20, 16 << 20, 800);

    @Test
    void parsesSmallBodiesWhileLargeOnesHaveAllPermits() throws Exception {
        RequestBodies bodies = bodies();
        CountDownLatch parsing = new CountDownLatch(3);
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 3; i++) {
                clients.execute(() -> read(bodies, body(100 * KB), fields -> {
                    parsing.countDown();
                    await(end);
                }));
            }
            parsing.await();
            read(
                    bodies,
                    body(10),
                    fields ->
                            assertThat(fields.requiredText("code").utf8Length()).isEqualTo(10));
            end.countDown();
        }
        assertNothingIsTaken();
    }

    @Test
    void endsTheWaitForAParserOfAClientThatLeaves() throws Exception {
        RequestBodies bodies = bodies();
        CountDownLatch parsing = new CountDownLatch(4);
        CountDownLatch end = new CountDownLatch(1);
        Cancellation cancellation = new Cancellation();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                clients.execute(() -> read(bodies, body(10), fields -> {
                    parsing.countDown();
                    await(end);
                }));
            }
            parsing.await();
            Future<?> waiting = clients.submit(() -> read(bodies, body(10), fields -> {}, cancellation));
            cancellation.cancel();
            assertThatThrownBy(waiting::get).hasCauseInstanceOf(ClientGoneException.class);
            end.countDown();
        }
        assertNothingIsTaken();
    }

    @Test
    void refusesABodyThatGetsNoParserInTime() throws Exception {
        RequestBodies bodies = new RequestBodies(LIMITS, new SpoolDirectory(directory, budget), Duration.ofMillis(20));
        CountDownLatch parsing = new CountDownLatch(4);
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                clients.execute(() -> read(bodies, body(10), fields -> {
                    parsing.countDown();
                    await(end);
                }));
            }
            parsing.await();
            assertThatThrownBy(() -> read(bodies, body(10), fields -> {}))
                    .isInstanceOfSatisfying(
                            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONCURRENCY_LIMIT));
            end.countDown();
        }
        assertNothingIsTaken();
    }

    @Test
    void keepsSmallBodiesFromTheDisk() {
        read(bodies(), body(60 * KB), fields -> {
            assertThat(fields.requiredText("code").utf8Length()).isEqualTo(60 * KB);
            assertThat(budget.requests().openFiles()).isZero();
        });
        assertThat(directory).isEmptyDirectory();
        assertNothingIsTaken();
    }

    @Test
    void refusesABodyForWhichThereIsNoRoomAndLeavesNothing() {
        assertThatThrownBy(() -> read(bodies(), body(2 << 20), fields -> {}))
                .isInstanceOf(ServiceException.class)
                .hasMessage("Request bodies on disk exceed maximum of 1 MB");
        assertNothingIsTaken();
    }

    /** It arrives whole, but there is no room for its long string besides. */
    @Test
    void leavesNothingOfABodyThatDoesNotFitTwice() {
        assertThatThrownBy(() -> read(bodies(), body(600 * KB), fields -> {}))
                .isInstanceOf(ServiceException.class)
                .hasMessage("Request bodies on disk exceed maximum of 1 MB");
        assertNothingIsTaken();
    }

    @Test
    void givesTheStringsBackAtTheEndOfTheirUse() {
        try (ParsedBody<Text> code = bodies().read(
                        name -> null,
                        stream(body(200 * KB)),
                        fields -> fields.requiredText("code"),
                        new Cancellation())) {
            assertThat(code.content().utf8Length()).isEqualTo(200 * KB);
            assertThat(budget.requests().bytes()).isEqualTo(200 * KB);
        }
        assertNothingIsTaken();
    }

    /** Half-sent bodies of one client fill what large ones may have; others still send small ones. */
    @Test
    void takesSmallBodiesBesideLargeOnesThatDoNotEnd() throws IOException {
        SpoolDirectory spool = new SpoolDirectory(directory, budget);
        try (SpillBuffer first = spool.arriving();
                SpillBuffer second = spool.arriving()) {
            assertThatThrownBy(() -> first.receive(new ByteArrayInputStream(new byte[4 << 20])))
                    .isInstanceOf(ServiceException.class);
            assertThatThrownBy(() -> second.receive(new ByteArrayInputStream(new byte[100 * KB])))
                    .isInstanceOf(ServiceException.class);
            read(bodies(), body(60 * KB), fields -> {});
        }
        assertNothingIsTaken();
    }

    private RequestBodies bodies() {
        return new RequestBodies(LIMITS, new SpoolDirectory(directory, budget));
    }

    private interface Reading {
        void of(Fields fields);
    }

    private static void read(RequestBodies bodies, String body, Reading reading) {
        read(bodies, body, reading, new Cancellation());
    }

    private static void read(RequestBodies bodies, String body, Reading reading, Cancellation cancellation) {
        Function<Fields, Boolean> reader = fields -> {
            reading.of(fields);
            return true;
        };
        try (ParsedBody<Boolean> _ = bodies.read(name -> null, stream(body), reader, cancellation)) {
            // What is wanted has been read.
        }
    }

    private static String body(int characters) {
        return "{\"code\":\"%s\"}".formatted("x".repeat(characters));
    }

    private static InputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(UTF_8));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void assertNothingIsTaken() {
        assertThat(budget.requests().bytes()).isZero();
        assertThat(budget.requests().openFiles()).isZero();
        assertThat(budget.requests().heap().used()).isZero();
    }
}
