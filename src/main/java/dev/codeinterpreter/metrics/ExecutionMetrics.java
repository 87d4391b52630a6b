package dev.codeinterpreter.metrics;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.Outcome;
import dev.codeinterpreter.run.RunListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;

/** Of everything that takes a permit. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class ExecutionMetrics implements RunListener {
    private static final Metadata ACTIVE = Names.of("executions_active", "Operations that have a permit now");
    private static final Metadata REJECTED =
            Names.of("executions_rejected", "Operations turned away for lack of capacity");
    private static final Metadata COMPLETED =
            Names.of("executions_completed", "Operations that had a permit, or whose client left before, by outcome");
    private static final Metadata WAIT =
            Names.of("admission_wait", "Time that an operation waited for its permit", MetricUnits.SECONDS);
    private static final Metadata DURATION =
            Names.of("execution_duration", "Time from an operation's permit to its answer", MetricUnits.SECONDS);

    private final MetricRegistry registry;
    private final Counter staged;
    private final Counter returned;
    private final Map<Operation, AtomicInteger> active = new EnumMap<>(Operation.class);

    @Inject
    ExecutionMetrics(MetricRegistry registry) {
        this.registry = registry;
        this.staged = registry.counter(Names.of("staged_bytes", "Bytes of files that went into sandboxes"));
        this.returned = registry.counter(Names.of("returned_bytes", "Bytes of files that came out of sandboxes"));
        for (Operation operation : Operation.values()) {
            AtomicInteger count = new AtomicInteger();
            active.put(operation, count);
            registry.gauge(ACTIVE, count, AtomicInteger::get, Names.tags("operation", operation.label()));
        }
    }

    @Override
    public void admitted(Operation operation, Duration waited) {
        count(operation).incrementAndGet();
        registry.timer(WAIT, Names.tags("operation", operation.label())).update(waited);
    }

    @Override
    public void rejected(Operation operation, ServiceException why) {
        registry.counter(
                        REJECTED,
                        Names.tags(
                                "operation", operation.label(),
                                "status", Integer.toString(why.code().status()),
                                "reason", why.reason()))
                .inc();
    }

    @Override
    public void left(Operation operation) {
        completed(operation, Outcome.CANCELLED).inc();
    }

    @Override
    public void completed(Operation operation, Outcome outcome, Duration took) {
        count(operation).decrementAndGet();
        completed(operation, outcome).inc();
        registry.timer(DURATION, Names.tags("operation", operation.label())).update(took);
    }

    @Override
    public void staged(long bytes) {
        staged.inc(bytes);
    }

    @Override
    public void returned(long bytes) {
        returned.inc(bytes);
    }

    private Counter completed(Operation operation, Outcome outcome) {
        return registry.counter(COMPLETED, Names.tags("operation", operation.label(), "outcome", outcome.label()));
    }

    private AtomicInteger count(Operation operation) {
        return java.util.Objects.requireNonNull(active.get(operation));
    }
}
