package dev.codeinterpreter.server;

import dev.codeinterpreter.config.Descriptors;
import dev.codeinterpreter.config.Settings;

/**
 * How many connections there may be at a time. What is configured holds as far as the process has descriptors and heap.
 *
 * @param max of all clients
 * @param maxPerAddress of one client's address; zero for no limit of its own
 */
public record ConnectionLimits(int max, int maxPerAddress) {
    /** For sandboxes, stored files, jars and the process itself; of a low limit half. */
    private static final long OTHER_DESCRIPTORS = 256;

    /** A connection's own, and that of its body's spool or of the file that it reads. */
    private static final long DESCRIPTORS_OF_ONE = 2;

    /**
     * Measured: 76 KB with a head of 16 KiB in 100 fields and half a body. Without any request 14 KB, with
     * half a head of 15 KiB 38 KB.
     */
    private static final long HEAP_BYTES_OF_ONE = 80 * 1024;

    /** Measured: with half a head of 14 KiB 65 KB where it was 22 without, of an idle one 33 instead of 1. */
    private static final long HEAP_BYTES_OF_TLS = 48 * 1024;

    /** @param tls whether they are of TLS */
    public static ConnectionLimits from(Settings settings, boolean tls) {
        int configured = settings.integer("MAX_CONNECTIONS", 2048, 1, 1_000_000);
        return new ConnectionLimits(
                (int) Math.min(
                        configured,
                        affordable(Descriptors.max(), Runtime.getRuntime().maxMemory(), tls)),
                settings.integer("MAX_CONNECTIONS_PER_ADDRESS", 0, 0, 1_000_000));
    }

    /** What so many descriptors and half of such a heap can carry. */
    static long affordable(long descriptors, long heapBytes, boolean tls) {
        long others = Math.min(OTHER_DESCRIPTORS, descriptors / 2);
        long heapOfOne = tls ? HEAP_BYTES_OF_ONE + HEAP_BYTES_OF_TLS : HEAP_BYTES_OF_ONE;
        return Math.max(1, Math.min((descriptors - others) / DESCRIPTORS_OF_ONE, heapBytes / 2 / heapOfOne));
    }
}
