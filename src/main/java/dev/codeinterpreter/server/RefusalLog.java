package dev.codeinterpreter.server;

import dev.codeinterpreter.server.ConnectionListener.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts refused and evicted connections, and logs how many there were: at the first, then at most every ten seconds. */
final class RefusalLog {
    private static final System.Logger LOG = System.getLogger(Connections.class.getName());
    private static final long PERIOD = Duration.ofSeconds(10).toNanos();

    private final ConnectionListener listener;
    private final ConnectionLimits limits;
    private final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    private long next = System.nanoTime();

    RefusalLog(ConnectionListener listener, ConnectionLimits limits) {
        this.listener = listener;
        this.limits = limits;
    }

    synchronized void add(Reason reason) {
        listener.refused(reason);
        counts.merge(reason, 1, Integer::sum);
        long now = System.nanoTime();
        if (now - next < 0) {
            return;
        }
        next = now + PERIOD;
        LOG.log(
                System.Logger.Level.WARNING,
                "connections refused or evicted: {0} (MAX_CONNECTIONS in force {1}, MAX_CONNECTIONS_PER_ADDRESS {2})",
                counts.toString().toLowerCase(Locale.ROOT),
                Integer.toString(limits.max()),
                Integer.toString(limits.maxPerAddress()));
        counts.clear();
    }
}
