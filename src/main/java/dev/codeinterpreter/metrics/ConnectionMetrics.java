package dev.codeinterpreter.metrics;

import dev.codeinterpreter.server.ConnectionListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;

/** Of connections that were not kept. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class ConnectionMetrics implements ConnectionListener {
    private static final Metadata REFUSED =
            Names.of("connections_refused", "Connections of clients that were refused, or closed in favour of others");

    private final MetricRegistry registry;

    @Inject
    ConnectionMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Makes the counters, so that they are zero and not absent before they count. */
    static void register(MetricRegistry registry) {
        for (Reason reason : Reason.values()) {
            Counter _ = counter(registry, reason);
        }
    }

    @Override
    public void refused(Reason reason) {
        counter(registry, reason).inc();
    }

    private static Counter counter(MetricRegistry registry, Reason reason) {
        return registry.counter(REFUSED, Names.tags("reason", reason.name().toLowerCase(Locale.ROOT)));
    }
}
