package dev.codeinterpreter.server;

import java.time.Duration;
import java.util.List;

/**
 * How long a connection waits for its client.
 *
 * @param head until a request's head is whole, from the connection's begin or the head's first byte
 * @param read until the next byte of a body
 * @param write until the client takes more of its answer; longer, since what is in the buffers of the kernel moves in jumps
 * @param minBytesPerSecond of a body and of an answer; zero for any rate
 * @param rateWindow over which that is averaged
 * @param linger how long a refused client gets to read its answer
 * @param presence when it is found out whether the client of a request in progress is still there
 */
record TransferLimits(
        Duration head,
        Duration read,
        Duration write,
        long minBytesPerSecond,
        Duration rateWindow,
        Duration linger,
        Presence presence) {
    private static final long LINGER_BYTES = 1 << 20;

    /**
     * When {@link ReadAhead} does what.
     *
     * @param grace from the end of a request until its connection is read ahead; most requests are over by then, and cost no
     *     read
     * @param pauses after each probe, as many as there are probes. The first probe makes a closed client's system send a
     *     reset, the next one finds it
     * @param settle for what cannot be undone to wait for the second probe of a client that has stopped sending
     */
    record Presence(Duration grace, List<Duration> pauses, Duration settle) {
        static final Presence DEFAULT = new Presence(
                Duration.ofMillis(50),
                List.of(Duration.ofMillis(100), Duration.ofMillis(900), Duration.ZERO),
                Duration.ofMillis(250));

        Presence {
            pauses = List.copyOf(pauses);
        }
    }

    static TransferLimits of(long minBytesPerSecond) {
        return new TransferLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                minBytesPerSecond,
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Presence.DEFAULT);
    }

    TransferLimits withPresence(Presence other) {
        return new TransferLimits(head, read, write, minBytesPerSecond, rateWindow, linger, other);
    }

    /** How much a refused client may send while it reads its answer. */
    long lingerBytes() {
        return LINGER_BYTES;
    }
}
