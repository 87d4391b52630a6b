package dev.codeinterpreter.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FairPermitsTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final Duration LONG = Duration.ofSeconds(50);

    private final List<String> granted = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger waiting = new AtomicInteger();

    @Test
    void groupsTakeTurnsHoweverManyOfOneWait() throws InterruptedException {
        FairPermits permits = new FairPermits(1);
        assertThat(permits.acquire("many", NO_LIMIT, LONG, new Cancellation())).isTrue();
        for (int i = 0; i < 100; i++) {
            wait(permits, "many", NO_LIMIT);
        }
        wait(permits, "one", NO_LIMIT);
        wait(permits, "two", NO_LIMIT);
        for (String holder = "many"; granted.size() < 102; ) {
            int before = granted.size();
            permits.release(holder);
            Await.until("the next", LONG, () -> granted.size() > before);
            holder = granted.getLast();
        }
        assertThat(granted.indexOf("one")).isLessThanOrEqualTo(2);
        assertThat(granted.indexOf("two")).isLessThanOrEqualTo(3);
        assertThat(granted).hasSize(102);
    }

    @Test
    void aGroupAtItsLimitLeavesTheRestToOthers() throws InterruptedException {
        FairPermits permits = new FairPermits(3);
        assertThat(permits.acquire("few", 1, LONG, new Cancellation())).isTrue();
        assertThat(permits.acquire("few", 1, Duration.ofMillis(10), new Cancellation()))
                .isFalse();
        wait(permits, "few", 1);
        assertThat(permits.acquire("other", NO_LIMIT, Duration.ZERO, new Cancellation()))
                .isTrue();
        assertThat(permits.acquire("other", NO_LIMIT, Duration.ZERO, new Cancellation()))
                .isTrue();
        assertThat(permits.held("few")).isEqualTo(1);
        permits.release("other");
        assertThat(granted).isEmpty();
        permits.release("few");
        Await.until("its own", LONG, () -> granted.equals(List.of("few")));
    }

    @Test
    void aLimitThatGrowsLetsThoseInThatWait() throws InterruptedException {
        FairPermits permits = new FairPermits(3);
        assertThat(permits.acquire("few", 1, LONG, new Cancellation())).isTrue();
        wait(permits, "few", 1);
        wait(permits, "few", 3);
        Await.until("both", LONG, () -> granted.size() == 2);
    }

    @Test
    void refusesAReleaseOfWhatIsNotHeld() {
        FairPermits permits = new FairPermits(1);
        assertThatThrownBy(() -> permits.release("nobody")).isInstanceOf(IllegalStateException.class);
    }

    /** Returns when it waits, or has been granted at once. */
    private void wait(FairPermits permits, String group, int max) {
        Thread waiter = Thread.ofPlatform().daemon().start(() -> {
            try {
                if (permits.acquire(group, max, LONG, new Cancellation())) {
                    granted.add(group);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        int number = waiting.incrementAndGet();
        Await.until(
                "waiter " + number, LONG, () -> waiter.getState() == Thread.State.TIMED_WAITING || !waiter.isAlive());
    }
}
