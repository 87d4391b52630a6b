package dev.codeinterpreter.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Slows down those who guess. An address that has sent several wrong credentials in a minute waits for the answer to the next
 * wrong one. A right one never waits, so nobody locks out others who come from the same address, as all do behind a proxy.
 *
 * <p>INVARIANT: {@code this} guards {@code addresses}, which has at most {@value #MAX_ADDRESSES} entries.
 */
final class FailureDelay {
    static final int MAX_ADDRESSES = 10_000;
    /** A program with a stale key may try a few times. */
    static final int FREE = 10;
    /** Connections that wait at once, of all addresses. */
    private static final int MAX_WAITING = 64;

    private static final int IPV6_PREFIX_BYTES = 8;

    private final AuthTimings timings;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);
    private final Map<String, Window> addresses = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    /** @param since by {@link System#nanoTime} */
    private record Window(long since, int failures) {}

    FailureDelay(AuthTimings timings) {
        this.timings = timings;
    }

    /** Counts a wrong credential, and says how long its answer has to wait. */
    Duration count(InetAddress address) {
        return failures(prefix(address), System.nanoTime()) > FREE ? timings.failureDelay() : Duration.ZERO;
    }

    /**
     * Waits for so long on the connection's own thread.
     *
     * @return false when too many wait already: then the answer says that it is too much
     */
    boolean await(Duration delay) {
        if (delay.isZero()) {
            return true;
        }
        if (!waiting.tryAcquire()) {
            return false;
        }
        try {
            long end = System.nanoTime() + delay.toNanos();
            for (long left = delay.toNanos(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
                if (Thread.currentThread().isInterrupted()) {
                    return true;
                }
            }
            return true;
        } finally {
            waiting.release();
        }
    }

    synchronized int addresses() {
        return addresses.size();
    }

    private synchronized int failures(String prefix, long now) {
        Window before = addresses.get(prefix);
        boolean goesOn = before != null
                && now - before.since() <= timings.failureWindow().toNanos();
        Window window =
                before != null && goesOn ? new Window(before.since(), before.failures() + 1) : new Window(now, 1);
        addresses.put(prefix, window);
        return window.failures();
    }

    /** Of IPv6 the network, all of which one host may have. */
    private static String prefix(InetAddress address) {
        byte[] bytes = address.getAddress();
        return HexFormat.of()
                .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, IPV6_PREFIX_BYTES) : bytes);
    }
}
