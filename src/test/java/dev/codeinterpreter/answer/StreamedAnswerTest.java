package dev.codeinterpreter.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import dev.codeinterpreter.wire.BodyLimits;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamedAnswerTest {
    private static final int OUTPUT_BYTES = 2 << 20;

    @TempDir
    Path directory;

    /** Jersey's queue of events has no bound, and nothing empties it before the answer's head is sent. */
    @Test
    void keepsTheTextOfAnAnswerThatIsNotSentWhereItIsCounted() throws InterruptedException {
        StorageBudget budget = new StorageBudget(64 << 20);
        SpoolDirectory spool = new SpoolDirectory(directory, budget);
        RequestBodies bodies = new RequestBodies(BodyLimits.ofBytes(1 << 20), spool);
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        assertThat(StreamedAnswer.answer(
                                spool,
                                Duration.ofMinutes(1),
                                Duration.ofMillis(20),
                                cancellation -> bodies.read(
                                        name -> name.equalsIgnoreCase("content-type") ? "application/json" : null,
                                        new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8)),
                                        fields -> "",
                                        cancellation),
                                request -> true,
                                (request, output, cancellation) -> {
                                    output.started();
                                    output.stdout(new byte[OUTPUT_BYTES]);
                                    written.countDown();
                                    await(over);
                                    return JsonValue.EMPTY_JSON_OBJECT;
                                })
                        .getStatus())
                .isEqualTo(200);
        written.await();
        // Far longer than a writer that does not wait needs for all of it.
        assertThat(over.await(500, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(used(budget)).isGreaterThan(OUTPUT_BYTES / 2);
        over.countDown();
        Await.until("the storage of a client that does not read", Duration.ofSeconds(20), () -> used(budget) == 0);
    }

    private static long used(StorageBudget budget) {
        return budget.outputs().bytes() + budget.outputs().heap().used();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new ServiceException(ErrorCode.INTERNAL, "the test does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
