package dev.codeinterpreter.server;

import dev.codeinterpreter.server.ConnectionListener.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts refused and evicted connections, and logs how many there were: at the first, then at most once in a period. */
final class RefusalLog {
    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    /** A flood of connections is one line in ten seconds. */
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final ConnectionListener listener;
    private final ConnectionLimits limits;
    private final long periodNanos;
    private final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    private long next = System.nanoTime();

    RefusalLog(ConnectionListener listener, ConnectionLimits limits) {
        this(listener, limits, PERIOD);
    }

    RefusalLog(ConnectionListener listener, ConnectionLimits limits, Duration period) {
        this.listener = listener;
        this.limits = limits;
        this.periodNanos = period.toNanos();
    }

    synchronized void add(Reason reason) {
        listener.refused(reason);
        counts.merge(reason, 1, Integer::sum);
        long now = System.nanoTime();
        if (now - next < 0) {
            return;
        }
        next = now + periodNanos;
        LOG.log(
                System.Logger.Level.WARNING,
                "connections refused or evicted: {0} (MAX_CONNECTIONS in force {1}, MAX_CONNECTIONS_PER_ADDRESS {2})",
                counts.toString().toLowerCase(Locale.ROOT),
                Integer.toString(limits.max()),
                Integer.toString(limits.maxPerAddress()));
        counts.clear();
    }
}
