package dev.codeinterpreter.server;

import java.time.Duration;

/**
 * Whether a client moves bytes fast enough: on the average of each window, of which only the time counts that we have waited
 * for the client. Not for use by several threads.
 */
final class TransferRate {
    private final long minBytes;
    private final long window;
    private long waited;
    private long moved;

    /**
     * @param minBytesPerSecond zero when any rate is fast enough
     * @param window over which the average is taken
     */
    TransferRate(long minBytesPerSecond, Duration window) {
        this.minBytes = Math.multiplyExact(minBytesPerSecond, window.toMillis()) / 1000;
        this.window = window.toNanos();
    }

    /** How long the next wait may take at most, in nanoseconds. */
    long allowance() {
        if (minBytes == 0) {
            return Long.MAX_VALUE;
        }
        return window - waited + (moved >= minBytes ? window : 0);
    }

    /**
     * Notes a wait that has ended.
     *
     * @return whether the client is fast enough
     */
    boolean add(long nanos, long bytes) {
        waited += nanos;
        moved += bytes;
        if (waited < window) {
            return true;
        }
        boolean enough = moved >= minBytes;
        reset();
        return enough;
    }

    /** Starts another window. */
    void reset() {
        waited = 0;
        moved = 0;
    }
}
