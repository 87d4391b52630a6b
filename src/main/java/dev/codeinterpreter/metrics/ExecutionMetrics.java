package dev.codeinterpreter.metrics;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.Outcome;
import dev.codeinterpreter.run.RunListener;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.usage.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Timer;

/** Of everything that takes a permit. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class ExecutionMetrics implements RunListener {
    private static final Metadata ACTIVE = Names.of("executions_active", "Operations that have a permit now");
    private static final Metadata REJECTED =
            Names.of("executions_rejected", "Operations turned away for lack of capacity");
    private static final Metadata COMPLETED =
            Names.of("executions_completed", "Operations that had a permit, or whose client left before, by outcome");
    private static final Metadata TERMINATED = Names.of("program_terminations", "Programs that ended, by how they did");
    private static final Metadata WAIT =
            Names.of("admission_wait", "Time that an operation waited for its permit", MetricUnits.SECONDS);
    private static final Metadata DURATION =
            Names.of("execution_duration", "Time from an operation's permit to its answer", MetricUnits.SECONDS);

    /** Exited, with another code than 0: only metrics tell it apart. */
    private static final String NONZERO = "nonzero";

    private static final List<String> TERMINATIONS = Stream.concat(
                    Stream.of(NONZERO),
                    Arrays.stream(ProgramExit.Termination.values()).map(ExecutionMetrics::label))
            .toList();

    private final MetricRegistry registry;
    private final Usage usage;
    private final TenantMetrics tenants;
    private final Counter staged;
    private final Counter returned;
    private final Map<Operation, AtomicInteger> active = new EnumMap<>(Operation.class);

    @Inject
    ExecutionMetrics(MetricRegistry registry, Usage usage, TenantMetrics tenants) {
        this.registry = registry;
        this.usage = usage;
        this.tenants = tenants;
        this.staged = registry.counter(Names.of("staged_bytes", "Bytes of files that went into sandboxes"));
        this.returned = registry.counter(Names.of("returned_bytes", "Bytes of files that came out of sandboxes"));
        for (Operation operation : Operation.values()) {
            AtomicInteger count = new AtomicInteger();
            active.put(operation, count);
            registry.gauge(ACTIVE, count, AtomicInteger::get, Names.tags("operation", operation.label()));
        }
    }

    /** Makes every series whose labels are known, so that they are zero and not absent before they count. */
    public void register() {
        tenants.register();
        for (Operation operation : Operation.values()) {
            Timer _ = timer(WAIT, operation);
            Timer _ = timer(DURATION, operation);
            for (Outcome outcome : Outcome.values()) {
                Counter _ = completed(operation, outcome);
            }
            for (Rejection reason : Rejection.values()) {
                Counter _ = rejected(operation, reason.code(), reason.label());
            }
            for (String termination : operation.createsSession() ? List.<String>of() : TERMINATIONS) {
                Counter _ = terminated(operation, termination);
            }
        }
    }

    @Override
    public void admitted(Operation operation, Duration waited) {
        count(operation).incrementAndGet();
        timer(WAIT, operation).update(waited);
    }

    @Override
    public void rejected(Operation operation, ServiceException why) {
        rejected(operation, why.code(), why.reason()).inc();
        tenants.rejected();
    }

    @Override
    public void terminated(Operation operation, ProgramExit exit) {
        boolean isFailure = exit.termination() == ProgramExit.Termination.EXITED
                && exit.exitCode().orElse(0) != 0;
        terminated(operation, isFailure ? NONZERO : label(exit.termination())).inc();
        if (operation != Operation.SANDBOX_DESCRIBE) {
            usage.run(exit);
            tenants.ended(exit);
        }
    }

    @Override
    public void left(Operation operation) {
        completed(operation, Outcome.CANCELLED).inc();
    }

    @Override
    public void completed(Operation operation, Outcome outcome, Duration took) {
        count(operation).decrementAndGet();
        completed(operation, outcome).inc();
        if (operation.createsSession() && outcome == Outcome.OK) {
            usage.session();
        }
        timer(DURATION, operation).update(took);
    }

    @Override
    public void staged(long bytes) {
        staged.inc(bytes);
        usage.in(bytes);
    }

    @Override
    public void stored() {
        usage.file();
    }

    @Override
    public void returned(long bytes) {
        returned.inc(bytes);
        usage.out(bytes);
    }

    private Timer timer(Metadata metadata, Operation operation) {
        return registry.timer(metadata, Names.tags("operation", operation.label()));
    }

    private Counter rejected(Operation operation, ErrorCode code, String reason) {
        return registry.counter(
                REJECTED,
                Names.tags(
                        "operation", operation.label(),
                        "status", Integer.toString(code.status()),
                        "reason", reason));
    }

    private Counter terminated(Operation operation, String termination) {
        return registry.counter(TERMINATED, Names.tags("operation", operation.label(), "termination", termination));
    }

    private static String label(ProgramExit.Termination termination) {
        return termination.name().toLowerCase(Locale.ROOT);
    }

    private Counter completed(Operation operation, Outcome outcome) {
        return registry.counter(COMPLETED, Names.tags("operation", operation.label(), "outcome", outcome.label()));
    }

    private AtomicInteger count(Operation operation) {
        return Objects.requireNonNull(active.get(operation));
    }
}
