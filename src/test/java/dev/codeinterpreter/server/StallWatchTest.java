package dev.codeinterpreter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.http1.Waiting;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StallWatchTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** It never ends, so there is one for both tests. */
    private static final StallWatch WATCH = new StallWatch(Duration.ofMillis(20));

    private final AtomicInteger cuts = new AtomicInteger();

    @Test
    void interruptsAThreadThatWaitsTooLongAndCutsItsConnection() {
        boolean interrupted = false;
        try (StallWatch.Wait _ =
                WATCH.begin(Waiting.BODY, 0, Duration.ofMillis(1).toNanos(), cuts::incrementAndGet)) {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        assertThat(interrupted).isTrue();
        assertThat(cuts).hasPositiveValue();
        assertThat(Thread.currentThread().isInterrupted())
                .as("the sign is taken back")
                .isFalse();
    }

    /** A thread that is interrupted shows that there has been a scan. */
    @Test
    void leavesAloneWhatHasTimeLeftAndWhatHasEnded() {
        try (StallWatch.Wait _ = WATCH.begin(Waiting.BODY, 0, 1, cuts::incrementAndGet)) {
            // It ends before a scan, or is cut by one.
        }
        int before = cuts.get();
        AtomicInteger scans = new AtomicInteger();
        Thread other = Thread.ofVirtual().start(() -> {
            try (StallWatch.Wait _ = WATCH.begin(Waiting.BODY, 0, 1, scans::incrementAndGet)) {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // What is wanted.
            }
        });
        try (StallWatch.Wait _ =
                WATCH.begin(Waiting.BODY, 0, BOUND.multipliedBy(3).toNanos(), cuts::incrementAndGet)) {
            Await.until("a scan", BOUND, () -> scans.get() > 0 && !other.isAlive());
        }
        assertThat(cuts).hasValue(before);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
