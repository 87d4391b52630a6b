package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TransferWatchTest {
    private static final Duration PERIOD = Duration.ofMillis(50);

    private final Deadlines deadlines = new Deadlines();
    private final AtomicInteger ends = new AtomicInteger();

    @Test
    void endsWhatDoesNotMoveOnce() {
        try (TransferWatch watch = new TransferWatch(deadlines, PERIOD, 100, ends::incrementAndGet)) {
            watch.moved(99);
            Await.until("its end", Duration.ofSeconds(10), watch::isTooSlow);
            Await.until("the action", Duration.ofSeconds(10), () -> ends.get() == 1);
        }
    }

    @Test
    void letsWhatMovesGoOnAndEndsItWhenItStops() {
        AtomicInteger periods = new AtomicInteger();
        long start = System.nanoTime();
        try (TransferWatch watch = new TransferWatch(deadlines, PERIOD, 100, ends::incrementAndGet)) {
            Await.until("some periods", Duration.ofSeconds(10), () -> {
                watch.moved(1_000_000);
                return periods.incrementAndGet() > 3 && System.nanoTime() - start > 5 * PERIOD.toNanos();
            });
            assertThat(watch.isTooSlow()).isFalse();
            Await.until("its end", Duration.ofSeconds(10), () -> ends.get() == 1);
        }
    }

    @Test
    @SuppressWarnings("InputStreamSlowMultibyteRead") // of which one byte is read
    void saysOfAClientThatItIsTooSlowAndNotOfTheSession() throws IOException {
        try (TransferWatch watch = new TransferWatch(deadlines, PERIOD, 100, ends::incrementAndGet)) {
            InputStream slow = new InputStream() {
                @Override
                public int read() {
                    Await.until("the end", Duration.ofSeconds(10), watch::isTooSlow);
                    return 1;
                }
            };
            TransferWatch.Content content = watch.over(slow);
            content.checkSpeed();
            assertThatThrownBy(content::read)
                    .isInstanceOf(ServiceException.class)
                    .hasMessage("The request body arrived too slowly");
        }
    }
}
