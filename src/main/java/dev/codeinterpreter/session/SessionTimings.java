package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * When sessions are looked after, and how long they are waited for. Not for operators: what they set is how long a session
 * lives.
 *
 * @param creation for a launch with its files
 * @param call to a session's runner. A page of files is the longest: ten thousand of sixty thousand take a second
 * @param transfer over which the rate of a file in transfer is averaged
 * @param ending for the engine to remove a container whose runner has ended
 * @param rejoin until a runner is ready again on a held channel: on a busy machine longer than it takes
 * @param absence what the answer that there is no such session takes a multiple of: an engine says within 5 ms what it has of
 *     another tenant, and that it has nothing within 2
 * @param maxIdle how long a held channel waits for a command
 * @param channelScan between two scans of the held channels; with {@code maxIdle} none waits for more than a minute
 * @param overdueScan between two scans for sandboxes that should have ended
 * @param overdueMargin for the runner to have ended one itself, and for clocks that differ
 */
record SessionTimings(
        Duration creation,
        Duration call,
        Duration transfer,
        Duration ending,
        Duration rejoin,
        Duration absence,
        Duration maxIdle,
        Duration channelScan,
        Duration overdueScan,
        Duration overdueMargin) {
    static final SessionTimings DEFAULT = new SessionTimings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMillis(20),
            Duration.ofSeconds(45),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    /** Has the defaults injected. */
    @SingleInstance
    static class Producer {
        @Produces
        @Singleton
        SessionTimings timings() {
            return DEFAULT;
        }
    }
}
