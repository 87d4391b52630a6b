package dev.codeinterpreter.run;

import static dev.codeinterpreter.run.Operation.EXECUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Scope;
import dev.codeinterpreter.tenant.TenantLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AdmissionTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void givesAsManyPermitsAsThereAre() {
        Admission admission = new Admission(2, Duration.ZERO, RunListener.NONE);
        Admission.Permit first = acquire(admission);
        Admission.Permit second = acquire(admission);
        assertSaturated(() -> acquire(admission));
        first.close();
        Admission.Permit third = acquire(admission);
        assertSaturated(() -> acquire(admission));
        second.close();
        third.close();
    }

    @Test
    void givesAPermitBackOnce() {
        Admission admission = new Admission(1, Duration.ZERO, RunListener.NONE);
        Admission.Permit first = acquire(admission);
        first.close();
        first.close();
        Admission.Permit second = acquire(admission);
        first.close();
        assertSaturated(() -> acquire(admission));
        second.close();
    }

    @Test
    void waitsNoLongerThanItsTimeout() {
        Duration timeout = Duration.ofMillis(50);
        Admission admission = new Admission(1, timeout, RunListener.NONE);
        try (Admission.Permit permit = acquire(admission)) {
            assertThat(permit).isNotNull();
            long start = System.nanoTime();
            assertSaturated(() -> acquire(admission));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(timeout, timeout.plusSeconds(5));
        }
    }

    @Test
    void waitsForAPermitThatBecomesFree() throws Exception {
        Admission admission = new Admission(1, LONG, RunListener.NONE);
        Admission.Permit permit = acquire(admission);
        FutureTask<Admission.Permit> waiting = new FutureTask<>(() -> acquire(admission));
        awaitWaiting(Thread.ofPlatform().daemon().start(waiting));
        assertThat(waiting).isNotDone();
        permit.close();
        waiting.get().close();
    }

    @Test
    void servesThoseWhoWaitInTheirOrder() throws Exception {
        Admission admission = new Admission(1, LONG, RunListener.NONE);
        Admission.Permit permit = acquire(admission);
        BlockingQueue<Integer> served = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try (Admission.Permit mine = acquire(admission)) {
                    assertThat(mine).isNotNull();
                    served.add(number);
                }
            });
            awaitWaiting(thread);
            threads.add(thread);
        }
        permit.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void endsTheWaitOfAnInterruptedThread() throws Exception {
        Admission admission = new Admission(1, LONG, RunListener.NONE);
        Admission.Permit permit = acquire(admission);
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            assertSaturated(() -> acquire(admission));
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = Thread.ofPlatform().daemon().start(interrupted);
        awaitWaiting(thread);
        thread.interrupt();
        assertThat(interrupted.get()).isTrue();
        permit.close();
        acquire(admission).close();
    }

    @Test
    void tellsOfAllThatItAdmitsAndRejects() {
        List<String> heard = new ArrayList<>();
        Admission admission = new Admission(1, Duration.ZERO, new RunListener() {
            @Override
            public void admitted(Operation operation, Duration waited) {
                heard.add("admitted " + operation);
            }

            @Override
            public void rejected(Operation operation, ServiceException why) {
                heard.add("rejected " + operation + " " + why.code());
            }

            @Override
            public void terminated(Operation operation, ProgramExit exit) {
                heard.add("terminated " + operation + " " + exit.exitCode().orElseThrow());
            }

            @Override
            public void completed(Operation operation, Outcome outcome, Duration took) {
                heard.add("completed " + operation + " " + outcome);
            }
        });
        ServiceException noEngine = ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "it is gone.", null);
        String result = admission.admit(EXECUTE, new Cancellation(), text -> Optional.of(exit(1)), permit -> {
            assertSaturated(() -> admission.acquire(Operation.SESSION_BASH, new Cancellation()));
            permit.close();
            return "result";
        });
        assertThat(result).isEqualTo("result");
        assertThatThrownBy(() -> admission.admit(
                        Operation.SESSION_CREATE, new Cancellation(), text -> Optional.empty(), permit -> {
                            permit.close();
                            throw noEngine;
                        }))
                .isSameAs(noEngine);
        assertThat(heard)
                .containsExactly(
                        "admitted EXECUTE",
                        "rejected SESSION_BASH CONCURRENCY_LIMIT",
                        "terminated EXECUTE 1",
                        "completed EXECUTE OK",
                        "admitted SESSION_CREATE",
                        "rejected SESSION_CREATE CAPACITY_UNAVAILABLE",
                        "completed SESSION_CREATE ERROR");
    }

    @Test
    void namesTheOutcomeOfAProgram() {
        assertThat(Outcome.of(exit(0))).isEqualTo(Outcome.OK);
        assertThat(Outcome.of(exit(137))).isEqualTo(Outcome.OK);
        ProgramExit timedOut = new ProgramExit(
                OptionalInt.empty(),
                ProgramExit.Termination.TIMEOUT,
                Duration.ZERO,
                Duration.ZERO,
                0,
                false,
                false,
                false);
        assertThat(Outcome.of(timedOut).label()).isEqualTo("timed_out");
        assertThat(Outcome.of(new ClientGoneException())).isEqualTo(Outcome.CANCELLED);
        assertThat(Outcome.of(new IllegalStateException())).isEqualTo(Outcome.ERROR);
    }

    private static ProgramExit exit(int code) {
        return new ProgramExit(
                OptionalInt.of(code),
                ProgramExit.Termination.EXITED,
                Duration.ZERO,
                Duration.ZERO,
                0,
                false,
                false,
                false);
    }

    @Test
    void givesATurnUpAtOnceWhenItsClientLeaves() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        Admission admission = new Admission(1, LONG, new RunListener() {
            @Override
            public void left(Operation operation) {
                heard.add("left " + operation);
            }

            @Override
            public void completed(Operation operation, Outcome outcome, Duration took) {
                heard.add("completed " + operation + " " + outcome);
            }
        });
        Admission.Permit permit = acquire(admission);
        Cancellation leaving = new Cancellation();
        FutureTask<String> first = new FutureTask<>(() -> admission.admit(
                Operation.SESSION_PYTHON, leaving, result -> Optional.empty(), mine -> "begun for nobody"));
        awaitWaiting(Thread.ofPlatform().daemon().start(first));
        FutureTask<Admission.Permit> second = new FutureTask<>(() -> acquire(admission));
        awaitWaiting(Thread.ofPlatform().daemon().start(second));
        leaving.cancel();
        assertThatThrownBy(first::get).hasCauseInstanceOf(ClientGoneException.class);
        assertThat(second).isNotDone();
        permit.close();
        second.get().close();
        acquire(admission).close();
        assertThat(heard).containsExactly("left SESSION_PYTHON");
    }

    @Test
    void admitsNobodyWhoHasLeftBefore() {
        Admission admission = new Admission(1, LONG, RunListener.NONE);
        Cancellation left = new Cancellation();
        left.cancel();
        assertThatThrownBy(() -> admission.acquire(EXECUTE, left)).isInstanceOf(ClientGoneException.class);
        acquire(admission).close();
    }

    @Test
    void countsTheServiceItselfAsNoTenant() {
        AtomicReference<Caller> caller = new AtomicReference<>(caller(OptionalInt.of(1), OptionalLong.empty()));
        Admission admission = new Admission(2, Duration.ZERO, RunListener.NONE, caller::get);
        Admission.Permit first = acquire(admission);
        assertThatThrownBy(() -> acquire(admission)).hasMessageContaining("max_concurrent");
        caller.set(Caller.serviceFor("acme"));
        acquire(admission).close();
        first.close();
    }

    @ParameterizedTest
    @CsvSource({"EXECUTE, true", "SESSION_CREATE, false", "MCP_CREATE_SESSION, false"})
    void chargesTheTimeOfAClientThatLeavesBeforeTheResult(Operation operation, boolean charged) {
        Caller acme = caller(OptionalInt.empty(), OptionalLong.of(0));
        CpuAccounts cpu = new CpuAccounts();
        Admission admission = new Admission(1, LONG, RunListener.NONE, () -> acme, cpu);
        assertThatThrownBy(
                        () -> admission.admit(operation, new Cancellation(), (String _) -> Optional.empty(), permit -> {
                            permit.close();
                            throw new ClientGoneException();
                        }))
                .isInstanceOf(ClientGoneException.class);
        if (charged) {
            assertThatThrownBy(() -> cpu.check(acme)).isInstanceOf(ServiceException.class);
        } else {
            cpu.check(acme);
        }
    }

    private static Caller caller(OptionalInt maxConcurrent, OptionalLong cpuSeconds) {
        TenantLimits limits = new TenantLimits(
                maxConcurrent,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                cpuSeconds);
        return new Caller("acme", "", Set.of(Scope.EXECUTE), limits);
    }

    /** Whichever comes first, the permit is there afterwards. */
    @Test
    void losesNoPermitWhenLeavingAndItsTurnComeTogether() throws Exception {
        Admission admission = new Admission(1, LONG, RunListener.NONE);
        for (int i = 0; i < 500; i++) {
            Admission.Permit permit = acquire(admission);
            Cancellation leaving = new Cancellation();
            FutureTask<Admission.Permit> waiting = new FutureTask<>(() -> admission.acquire(EXECUTE, leaving));
            Thread thread = Thread.ofPlatform().daemon().start(waiting);
            awaitWaiting(thread);
            Thread canceller = Thread.ofPlatform().daemon().start(leaving::cancel);
            permit.close();
            canceller.join();
            try {
                waiting.get().close();
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(ClientGoneException.class);
            }
            acquire(admission).close();
        }
    }

    private static Admission.Permit acquire(Admission admission) {
        return admission.acquire(EXECUTE, new Cancellation());
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
                .isEqualTo(ErrorCode.CONCURRENCY_LIMIT);
    }
}
