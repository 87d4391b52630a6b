package dev.codeinterpreter.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeadlinesTest {
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration NEVER = Duration.ofHours(1);

    private final Deadlines deadlines = new Deadlines();

    @AfterEach
    void stop() {
        deadlines.close();
    }

    @Test
    void actsWhenTheTimeIsUp() throws InterruptedException {
        CountDownLatch acted = new CountDownLatch(1);
        long start = System.nanoTime();
        try (Deadlines.Deadline deadline = deadlines.start(SOON, acted::countDown)) {
            acted.await();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SOON);
            assertThat(deadline.hasPassed()).isTrue();
        }
    }

    @Test
    void hasNotPassedBefore() {
        try (Deadlines.Deadline deadline = deadlines.start(NEVER, () -> {})) {
            assertThat(deadline.hasPassed()).isFalse();
        }
    }

    @Test
    void doesNothingOnceItIsClosed() throws InterruptedException {
        AtomicInteger actions = new AtomicInteger();
        Deadlines.Deadline deadline = deadlines.start(SOON.multipliedBy(5), actions::incrementAndGet);
        deadline.close();
        deadline.close();
        awaitAnotherOf(SOON.multipliedBy(10));
        assertThat(actions).hasValue(0);
        assertThat(deadline.hasPassed()).isFalse();
    }

    @Test
    void mayBeFinishedInTime() throws IOException {
        try (Deadlines.Deadline deadline = deadlines.start(NEVER, () -> {})) {
            deadline.finish();
            deadline.finish();
        }
    }

    /** Whatever was done: the action may come at any moment. */
    @Test
    void cannotBeFinishedWhenTheTimeIsUp() throws InterruptedException {
        CountDownLatch acted = new CountDownLatch(1);
        try (Deadlines.Deadline deadline = deadlines.start(SOON, acted::countDown)) {
            acted.await();
            assertThatThrownBy(deadline::finish).isInstanceOf(IOException.class);
        }
    }

    @Test
    void doesNothingOnceItIsFinished() throws Exception {
        AtomicInteger actions = new AtomicInteger();
        try (Deadlines.Deadline deadline = deadlines.start(SOON.multipliedBy(5), actions::incrementAndGet)) {
            deadline.finish();
            awaitAnotherOf(SOON.multipliedBy(10));
            assertThat(actions).hasValue(0);
        }
    }

    @Test
    void canBeMovedForward() throws InterruptedException {
        AtomicInteger actions = new AtomicInteger();
        try (Deadlines.Deadline deadline = deadlines.start(SOON.multipliedBy(5), actions::incrementAndGet)) {
            deadline.restart(NEVER);
            awaitAnotherOf(SOON.multipliedBy(10));
            assertThat(actions).hasValue(0);
            assertThat(deadline.hasPassed()).isFalse();
        }
    }

    @Test
    void canBeMovedBack() throws InterruptedException {
        CountDownLatch acted = new CountDownLatch(1);
        try (Deadlines.Deadline deadline = deadlines.start(NEVER, acted::countDown)) {
            deadline.restart(SOON);
            acted.await();
            assertThat(deadline.hasPassed()).isTrue();
        }
    }

    @Test
    void actsOnlyOnce() throws InterruptedException {
        AtomicInteger actions = new AtomicInteger();
        CountDownLatch acted = new CountDownLatch(1);
        try (Deadlines.Deadline deadline = deadlines.start(SOON, () -> {
            actions.incrementAndGet();
            acted.countDown();
        })) {
            acted.await();
            deadline.restart(Duration.ZERO);
            awaitAnotherOf(SOON);
            assertThat(actions).hasValue(1);
        }
    }

    @Test
    void isNotStartedAgainAfterItWasClosed() throws InterruptedException {
        AtomicInteger actions = new AtomicInteger();
        Deadlines.Deadline deadline = deadlines.start(NEVER, actions::incrementAndGet);
        deadline.close();
        deadline.restart(Duration.ZERO);
        awaitAnotherOf(SOON);
        assertThat(actions).hasValue(0);
    }

    @Test
    void anActionThatBlocksDelaysNoOther() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        try (Deadlines.Deadline first = deadlines.start(Duration.ZERO, () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                blocked.countDown();
            }
        })) {
            awaitAnotherOf(SOON);
            assertThat(first.hasPassed()).isTrue();
            assertThat(blocked.getCount()).isEqualTo(1);
        }
    }

    @Test
    void anActionThatFailsSpoilsNoOther() throws InterruptedException {
        CountDownLatch acted = new CountDownLatch(2);
        try (Deadlines.Deadline first = deadlines.start(Duration.ZERO, () -> {
                    acted.countDown();
                    throw new IllegalStateException("a failing action of a test");
                });
                Deadlines.Deadline second = deadlines.start(SOON, acted::countDown)) {
            acted.await();
            assertThat(first.hasPassed()).isTrue();
            assertThat(second.hasPassed()).isTrue();
        }
    }

    /** The timer is one thread: when this one has passed, so would all that are due before. */
    private void awaitAnotherOf(Duration timeout) throws InterruptedException {
        CountDownLatch passed = new CountDownLatch(1);
        try (Deadlines.Deadline deadline = deadlines.start(timeout, passed::countDown)) {
            passed.await();
            assertThat(deadline.hasPassed()).isTrue();
        }
    }
}
