package dev.codeinterpreter.pool;

import java.time.Duration;

/**
 * When the pool does what. Not for operators: each follows from what a launch and a run take.
 *
 * @param housekeeping between two checks of what is idle, while nobody claims
 * @param claimGrace how long a run that has just claimed has the processors for itself: most programs are over by then, and
 *     would otherwise share them with the launch of their successor
 * @param importGrace the same for an import, which takes one processor only
 * @param maxYield how long the pool waits for launches of runs. Not for ever, or a service with a steady stream of runs would
 *     never have a warm sandbox again; and long enough to take no more than some percent of a machine that is busy with
 *     launching
 * @param ready for a launch, and for the imports after it, on a busy machine
 * @param importPoll between two questions how far an import is
 * @param join that a program waits for the rest of an import. Far longer than one takes, also on a busy machine: one that is
 *     given up has been waited for in vain
 * @param ping for the answer of an idle sandbox; one that is alive takes less than a millisecond on a quiet machine
 * @param aliveBypass how long its last answer holds: from the head of a small request to its claim
 * @param shutdown for a launch that is under way when the service stops
 * @param firstBackoff after a launch that failed; doubled after each further one
 * @param maxBackoff to which it grows
 */
record PoolTimings(
        Duration housekeeping,
        Duration claimGrace,
        Duration importGrace,
        Duration maxYield,
        Duration ready,
        Duration importPoll,
        Duration join,
        Duration ping,
        Duration aliveBypass,
        Duration shutdown,
        Duration firstBackoff,
        Duration maxBackoff) {
    static final PoolTimings DEFAULT = new PoolTimings(
            Duration.ofSeconds(5),
            Duration.ofMillis(150),
            Duration.ofMillis(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofMillis(25),
            Duration.ofSeconds(10),
            Duration.ofMillis(500),
            Duration.ofMillis(20),
            Duration.ofSeconds(15),
            Duration.ofMillis(500),
            Duration.ofSeconds(30));

    PoolTimings withHousekeeping(Duration period) {
        return with(period, claimGrace, importGrace, ping);
    }

    PoolTimings withClaimGrace(Duration grace) {
        return with(housekeeping, grace, grace, ping);
    }

    PoolTimings withPing(Duration timeout) {
        return with(housekeeping, claimGrace, importGrace, timeout);
    }

    private PoolTimings with(
            Duration newHousekeeping, Duration newClaimGrace, Duration newImportGrace, Duration newPing) {
        return new PoolTimings(
                newHousekeeping,
                newClaimGrace,
                newImportGrace,
                maxYield,
                ready,
                importPoll,
                join,
                newPing,
                aliveBypass,
                shutdown,
                firstBackoff,
                maxBackoff);
    }
}
