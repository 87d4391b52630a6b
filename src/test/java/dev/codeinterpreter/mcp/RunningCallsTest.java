package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which call a client's notification ends. */
class RunningCallsTest {
    private final RunningCalls calls = new RunningCalls();
    private final Cancellation cancellation = new Cancellation();

    @ParameterizedTest
    @CsvSource({
        "acme, s, 7, true",
        "beta, s, 7, false",
        "acme, t, 7, false",
        "acme, s, 8, false",
        "acme, s, '\"7\"', false"
    })
    void isTheOneOfThatTenantSessionAndRequest(String tenant, String session, String request, boolean cancelled) {
        try (RunningCalls.Entry _ = calls.add(key("acme", "s", "7"), cancellation)) {
            calls.cancel(key(tenant, session, request));
            assertThat(cancellation.isCancelled()).isEqualTo(cancelled);
        }
    }

    @Test
    void isTheLaterOfTwoWithOneKeyAndNoneThatHasEnded() {
        Cancellation later = new Cancellation();
        RunningCalls.Entry first = calls.add(key("acme", "s", "7"), cancellation);
        try (RunningCalls.Entry _ = calls.add(key("acme", "s", "7"), later)) {
            first.close();
            calls.cancel(key("acme", "s", "7"));
        }
        assertThat(later.isCancelled()).isTrue();
        calls.cancel(key("acme", "s", "7"));
        assertThat(cancellation.isCancelled()).isFalse();
    }

    private static RunningCalls.Key key(String tenant, String session, String request) {
        return new RunningCalls.Key(Caller.serviceFor(tenant), session, request);
    }
}
