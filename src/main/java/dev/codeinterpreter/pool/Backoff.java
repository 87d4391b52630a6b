package dev.codeinterpreter.pool;

import java.time.Duration;

/** How long to wait after failures: doubled after each, gone after a success. For one thread. */
final class Backoff {
    private final Duration first;
    private final Duration max;
    private Duration current = Duration.ZERO;

    Backoff(Duration first, Duration max) {
        this.first = first;
        this.max = max;
    }

    Duration current() {
        return current;
    }

    /** Returns whether it is the first failure after a success. */
    boolean fail() {
        boolean isFirst = current.isZero();
        Duration next = isFirst ? first : current.multipliedBy(2);
        current = next.compareTo(max) < 0 ? next : max;
        return isFirst;
    }

    /** Returns whether there was a failure before. */
    boolean succeed() {
        boolean failed = !current.isZero();
        current = Duration.ZERO;
        return failed;
    }
}
