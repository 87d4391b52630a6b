package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.TenantLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CallPermitsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void refusesWhatWaitsTooLong() {
        CallPermits permits = new CallPermits(1, Duration.ofMillis(10), () -> Caller.DEFAULT);
        CallPermits.Permit only = permits.call();
        assertThatThrownBy(permits::call)
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONCURRENCY_LIMIT));
        permits.transfer().close();
        only.close();
        only.close();
        permits.call();
        assertThatThrownBy(permits::call).isInstanceOf(ServiceException.class);
    }

    @Test
    void givesATenantWithALimitFourTimesThatMany() {
        TenantLimits limits = new TenantLimits(
                OptionalInt.of(1),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty());
        AtomicReference<Caller> caller = new AtomicReference<>(new Caller("acme", "", Set.of(), limits));
        CallPermits permits = new CallPermits(5, Duration.ofMillis(10), caller::get);
        for (int i = 0; i < 4; i++) {
            permits.call();
        }
        assertThatThrownBy(permits::call).isInstanceOf(ServiceException.class);
        caller.set(Caller.DEFAULT);
        permits.call().close();
    }

    @Test
    void endsTheWaitOfAClientThatLeaves() throws Exception {
        CallPermits permits = new CallPermits(1, LONG, () -> Caller.DEFAULT);
        CallPermits.Permit only = permits.call();
        Cancellation leaving = new Cancellation();
        FutureTask<CallPermits.Permit> waiting = new FutureTask<>(() -> permits.call(leaving));
        Thread waiter = Thread.ofVirtual().start(waiting);
        Await.until("its wait", Duration.ofSeconds(10), () -> waiter.getState() == Thread.State.TIMED_WAITING);
        leaving.cancel();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ClientGoneException.class);
        only.close();
        permits.call().close();
    }

    @Test
    void keepsNoPermitForAClientThatHasLeft() {
        CallPermits permits = new CallPermits(1, LONG, () -> Caller.DEFAULT);
        Cancellation left = new Cancellation();
        left.cancel();
        assertThatThrownBy(() -> permits.call(left)).isInstanceOf(ClientGoneException.class);
        permits.call().close();
    }
}
