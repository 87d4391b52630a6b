package dev.codeinterpreter.usage;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * When replicas hear of each other's counts. Not for operators.
 *
 * @param write between two writes of what has changed: what a process that is killed has counted since is lost
 * @param fresh that others' counts serve without being looked for again
 * @param maxWait of a request for them
 * @param old at most, that they are given when the store does not answer
 * @param full between two lists of all hours; in between it is the last two
 * @param shutdown for the last write
 */
record UsageTimings(Duration write, Duration fresh, Duration maxWait, Duration old, Duration full, Duration shutdown) {
    static final UsageTimings DEFAULT = new UsageTimings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10),
            Duration.ofSeconds(5));

    /** Has the defaults injected. */
    @SingleInstance
    static class Producer {
        @Produces
        @Singleton
        UsageTimings timings() {
            return DEFAULT;
        }
    }
}
