package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.glassfish.jersey.server.ChunkedOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that go away between a run's beginning and its answer: what the answer holds is given back. */
@Timeout(60)
class MessageStreamTest {
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    private Path directory;

    private final StorageBudget budget = new StorageBudget(64 << 20, 256 << 20, 800);
    private final Cancellation cancellation = new Cancellation();
    private final MessageStream stream = new MessageStream("1", cancellation, new Deadlines());
    private final CountDownLatch finish = new CountDownLatch(1);
    /** Bytes on disk of the answer, once it is there. */
    private final CompletableFuture<Long> made = new CompletableFuture<>();

    @Test
    void givesBackAnAnswerWhoseClientLeftDuringTheRun() throws IOException {
        Response response = stream.answer(this::report, MessageStreamTest::unexpected);
        leave(response);
        Await.until("the run is cancelled", BOUND, cancellation::isCancelled);
        finish.countDown();
        awaitNothingHeld();
    }

    @Test
    void givesBackAnAnswerWhoseClientLeftAfterTheRun() throws IOException {
        Response response = stream.answer(this::report, MessageStreamTest::unexpected);
        finish.countDown();
        assertThat(made.join()).isPositive();
        leave(response);
        awaitNothingHeld();
    }

    @Test
    void givesBackAnAnswerThatNobodyWaitsForAnyMore() throws Exception {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread request = Thread.ofVirtual()
                .start(() -> outcome.complete(
                        catchThrowable(() -> stream.answer(this::beSilent, MessageStreamTest::unexpected))));
        request.interrupt();
        assertThat(outcome.get()).isInstanceOf(ClientGoneException.class);
        assertThat(cancellation.isCancelled()).isTrue();
        finish.countDown();
        awaitNothingHeld();
    }

    /** A run with output, and an answer that is partly on disk. */
    private Content report() {
        stream.progress().output("line\n".getBytes(UTF_8));
        return beSilent();
    }

    private Content beSilent() {
        try {
            finish.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        SpillBuffer buffer = new SpoolDirectory(directory, budget).overflow();
        buffer.write(new byte[1 << 20]);
        made.complete(budget.outputs().bytes());
        return Content.of(buffer);
    }

    private static Response unexpected(Content answer) {
        answer.close();
        throw new AssertionError("there was output");
    }

    private static void leave(Response response) throws IOException {
        ((ChunkedOutput<?>) response.getEntity()).close();
    }

    private void awaitNothingHeld() {
        assertThat(made.join()).isPositive();
        Await.until(
                "the answer's end",
                BOUND,
                () -> budget.outputs().bytes() == 0
                        && budget.outputs().openFiles() == 0
                        && budget.outputs().heap().used() == 0);
    }
}
