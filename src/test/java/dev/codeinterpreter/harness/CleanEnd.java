package dev.codeinterpreter.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** What a service must not leave, whatever a test class has asked of it. */
public final class CleanEnd {
    private CleanEnd() {}

    /**
     * Closes the service, in any case. Fails when a sandbox is there after {@code timeout}, or a temporary file, or when a stack
     * trace is in the log.
     */
    public static void of(ServiceProcess service, Duration timeout) {
        try (service) {
            service.engine().awaitNone(timeout);
            assertThat(service.temporaryFiles()).isEmpty();
            assertThat(service.log()).as("stack traces in the log").doesNotContain("\tat ");
        }
    }
}
