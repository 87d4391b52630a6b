package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
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
