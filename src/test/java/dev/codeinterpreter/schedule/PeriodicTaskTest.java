package dev.codeinterpreter.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PeriodicTaskTest {
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofHours(1);

    @Test
    void repeats() throws InterruptedException {
        CountDownLatch thrice = new CountDownLatch(3);
        try (PeriodicTask task = PeriodicTask.every(SHORT, "repeating", thrice::countDown)) {
            assertThat(task).isNotNull();
            thrice.await();
        }
    }

    @Test
    void goesOnAfterAFailure() throws InterruptedException {
        CountDownLatch thrice = new CountDownLatch(3);
        try (PeriodicTask task = PeriodicTask.every(SHORT, "failing", () -> {
            thrice.countDown();
            throw new IllegalStateException("a failing task of a test");
        })) {
            assertThat(task).isNotNull();
            thrice.await();
        }
    }

    @Test
    void startsWithTheActionWhenToldSo() throws InterruptedException {
        CountDownLatch once = new CountDownLatch(1);
        try (PeriodicTask task = PeriodicTask.nowAndEvery(NEVER, "at-once", once::countDown)) {
            assertThat(task).isNotNull();
            once.await();
        }
    }

    @Test
    void asksAfterEachTimeHowLongToPause() throws InterruptedException {
        CountDownLatch thrice = new CountDownLatch(3);
        AtomicInteger times = new AtomicInteger();
        try (PeriodicTask task =
                PeriodicTask.nowAndEvery(() -> thrice.getCount() > 0 ? SHORT : NEVER, "as-it-likes", () -> {
                    times.incrementAndGet();
                    thrice.countDown();
                })) {
            assertThat(task).isNotNull();
            thrice.await();
        }
        assertThat(times).hasValue(3);
    }

    @Test
    void startsWithAPauseOtherwise() throws InterruptedException {
        CountDownLatch later = new CountDownLatch(1);
        Duration pause = Duration.ofMillis(50);
        long start = System.nanoTime();
        try (PeriodicTask task = PeriodicTask.every(pause, "later", later::countDown)) {
            assertThat(task).isNotNull();
            later.await();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(pause);
        }
    }

    @Test
    void runsOnADaemonThreadOfItsName() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicBoolean named = new AtomicBoolean();
        try (PeriodicTask task = PeriodicTask.nowAndEvery(NEVER, "by-name", () -> {
            named.set(Thread.currentThread().isDaemon()
                    && Thread.currentThread().getName().equals("by-name"));
            ran.countDown();
        })) {
            assertThat(task).isNotNull();
            ran.await();
            assertThat(named).isTrue();
        }
    }

    @Test
    void closingInterruptsTheActionAndEndsTheThread() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread[] thread = new Thread[1];
        PeriodicTask task = PeriodicTask.nowAndEvery(SHORT, "closed", () -> {
            thread[0] = Thread.currentThread();
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        running.await();
        task.close();
        task.close();
        interrupted.await();
        thread[0].join();
        assertThat(thread[0].isAlive()).isFalse();
    }
}
