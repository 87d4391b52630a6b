package dev.codeinterpreter.server;

import java.time.Duration;

/**
 * How long a connection waits for its client.
 *
 * @param head until a request's head is whole, from the connection's begin or the head's first byte
 * @param read until the next byte of a body
 * @param write until the client takes more of its answer; longer, since what is in the buffers of the kernel moves in jumps
 * @param minBytesPerSecond of a body and of an answer; zero for any rate
 * @param rateWindow over which that is averaged
 */
record TransferLimits(Duration head, Duration read, Duration write, long minBytesPerSecond, Duration rateWindow) {
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final long LINGER_BYTES = 1 << 20;

    static TransferLimits of(long minBytesPerSecond) {
        return new TransferLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                minBytesPerSecond,
                Duration.ofMinutes(1));
    }

    /** How long a refused client gets to read its answer. */
    Duration linger() {
        return LINGER;
    }

    /** How much a refused client may send meanwhile. */
    long lingerBytes() {
        return LINGER_BYTES;
    }
}
