package dev.codeinterpreter.execution;

import static dev.codeinterpreter.execution.Operation.EXECUTE;
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
        Admission admission = new Admission(2, Duration.ZERO, ExecutionListener.NONE);
        Admission.Place first = admission.enter(EXECUTE);
        Admission.Place second = admission.enter(EXECUTE);
        assertSaturated(() -> admission.enter(EXECUTE));
        first.close();
        Admission.Place third = admission.enter(EXECUTE);
        assertSaturated(() -> admission.enter(EXECUTE));
        second.close();
        third.close();
    }

    @Test
    void givesAPlaceBackOnce() {
        Admission admission = new Admission(1, Duration.ZERO, ExecutionListener.NONE);
        Admission.Place first = admission.enter(EXECUTE);
        first.close();
        first.close();
        Admission.Place second = admission.enter(EXECUTE);
        first.close();
        assertSaturated(() -> admission.enter(EXECUTE));
        second.close();
    }

    @Test
    void waitsNoLongerThanItsPatience() {
        Duration patience = Duration.ofMillis(50);
        Admission admission = new Admission(1, patience, ExecutionListener.NONE);
        try (Admission.Place place = admission.enter(EXECUTE)) {
            assertThat(place).isNotNull();
            long start = System.nanoTime();
            assertSaturated(() -> admission.enter(EXECUTE));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(patience, patience.plusSeconds(5));
        }
    }

    @Test
    void waitsForAPlaceThatBecomesFree() throws Exception {
        Admission admission = new Admission(1, LONG, ExecutionListener.NONE);
        Admission.Place place = admission.enter(EXECUTE);
        FutureTask<Admission.Place> waiting = new FutureTask<>(() -> admission.enter(EXECUTE));
        awaitWaiting(Thread.ofPlatform().daemon().start(waiting));
        assertThat(waiting).isNotDone();
        place.close();
        waiting.get().close();
    }

    @Test
    void servesThoseWhoWaitInTheirOrder() throws Exception {
        Admission admission = new Admission(1, LONG, ExecutionListener.NONE);
        Admission.Place place = admission.enter(EXECUTE);
        BlockingQueue<Integer> served = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try (Admission.Place mine = admission.enter(EXECUTE)) {
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
        Admission admission = new Admission(1, LONG, ExecutionListener.NONE);
        Admission.Place place = admission.enter(EXECUTE);
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            assertSaturated(() -> admission.enter(EXECUTE));
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = Thread.ofPlatform().daemon().start(interrupted);
        awaitWaiting(thread);
        thread.interrupt();
        assertThat(interrupted.get()).isTrue();
        place.close();
        admission.enter(EXECUTE).close();
    }

    @Test
    void tellsOfAllThatItAdmitsAndRejects() {
        List<String> heard = new ArrayList<>();
        Admission admission = new Admission(1, Duration.ZERO, new ExecutionListener() {
            @Override
            public void admitted(Operation operation, Duration waited) {
                heard.add("admitted " + operation);
            }

            @Override
            public void rejected(Operation operation, ServiceException why) {
                heard.add("rejected " + operation + " " + why.code());
            }

            @Override
            public void completed(Operation operation, Outcome outcome, Duration took) {
                heard.add("completed " + operation + " " + outcome);
            }
        });
        ServiceException noEngine = ServiceException.capacity("engine unreachable", "it is gone.", null);
        String result = admission.admit(EXECUTE, text -> Outcome.FAILED, place -> {
            assertSaturated(() -> admission.enter(Operation.SESSION_BASH));
            place.close();
            return "result";
        });
        assertThat(result).isEqualTo("result");
        assertThatThrownBy(() -> admission.admit(Operation.SESSION_CREATE, text -> Outcome.SUCCEEDED, place -> {
                    place.close();
                    throw noEngine;
                }))
                .isSameAs(noEngine);
        assertThat(heard)
                .containsExactly(
                        "admitted EXECUTE",
                        "rejected SESSION_BASH SATURATED",
                        "completed EXECUTE FAILED",
                        "admitted SESSION_CREATE",
                        "rejected SESSION_CREATE CAPACITY_UNAVAILABLE",
                        "completed SESSION_CREATE ERROR");
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
