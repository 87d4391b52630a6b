package dev.codeinterpreter.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdmissionTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void givesAsManyPlacesAsThereAre() {
        Admission admission = new Admission(2, Duration.ZERO);
        Admission.Place first = admission.enter();
        Admission.Place second = admission.enter();
        assertSaturated(admission::enter);
        first.close();
        Admission.Place third = admission.enter();
        assertSaturated(admission::enter);
        second.close();
        third.close();
    }

    @Test
    void givesAPlaceBackOnce() {
        Admission admission = new Admission(1, Duration.ZERO);
        Admission.Place first = admission.enter();
        first.close();
        first.close();
        Admission.Place second = admission.enter();
        first.close();
        assertSaturated(admission::enter);
        second.close();
    }

    @Test
    void waitsNoLongerThanItsPatience() {
        Duration patience = Duration.ofMillis(50);
        Admission admission = new Admission(1, patience);
        try (Admission.Place place = admission.enter()) {
            assertThat(place).isNotNull();
            long start = System.nanoTime();
            assertSaturated(admission::enter);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(patience, patience.plusSeconds(5));
        }
    }

    @Test
    void waitsForAPlaceThatBecomesFree() throws Exception {
        Admission admission = new Admission(1, LONG);
        Admission.Place place = admission.enter();
        FutureTask<Admission.Place> waiting = new FutureTask<>(admission::enter);
        awaitWaiting(Thread.ofPlatform().daemon().start(waiting));
        assertThat(waiting).isNotDone();
        place.close();
        waiting.get().close();
    }

    @Test
    void servesThoseWhoWaitInTheirOrder() throws Exception {
        Admission admission = new Admission(1, LONG);
        Admission.Place place = admission.enter();
        BlockingQueue<Integer> served = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try (Admission.Place mine = admission.enter()) {
                    assertThat(mine).isNotNull();
                    served.add(number);
                }
            });
            awaitWaiting(thread);
            threads.add(thread);
        }
        place.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void endsTheWaitOfAnInterruptedThread() throws Exception {
        Admission admission = new Admission(1, LONG);
        Admission.Place place = admission.enter();
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            assertSaturated(admission::enter);
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = Thread.ofPlatform().daemon().start(interrupted);
        awaitWaiting(thread);
        thread.interrupt();
        assertThat(interrupted.get()).isTrue();
        place.close();
        admission.enter().close();
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    private static void assertSaturated(ThrowingCallable action) {
        assertThatThrownBy(action)
                .hasMessage("Execution capacity on this replica is saturated. Retry after the Retry-After delay.")
                .asInstanceOf(type(ServiceException.class))
                .extracting(ServiceException::code)
                .isEqualTo(ErrorCode.SATURATED);
    }
}
