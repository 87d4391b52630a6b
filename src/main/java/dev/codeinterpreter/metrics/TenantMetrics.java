package dev.codeinterpreter.metrics;

import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.tenant.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;

/**
 * What tenants use. Each label is a series that lives as long as the process, so only so many tenants have their own.
 *
 * <p>INVARIANT: {@code this} guards {@code known}.
 */
@ApplicationScoped // as ExecutionMetrics is
class TenantMetrics {
    private static final int MAX_TENANTS = 100;
    private static final String OTHER = "other";
    private static final Metadata RUNS = Names.of("tenant_runs", "Programs that ended, by tenant");
    private static final Metadata CPU = Names.of("tenant_cpu_milliseconds", "Processor time of programs, by tenant");
    private static final Metadata REJECTED =
            Names.of("tenant_rejected", "Operations that a limit turned away, by tenant");

    private final MetricRegistry registry;
    private final Set<String> known = new HashSet<>();

    @Inject
    TenantMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Makes the families, at zero. */
    public void register() {
        for (Metadata family : new Metadata[] {RUNS, CPU, REJECTED}) {
            registry.counter(family, Names.tags("tenant", OTHER));
        }
    }

    public void ended(ProgramExit exit) {
        String tenant = label(Caller.current().tenant());
        registry.counter(RUNS, Names.tags("tenant", tenant)).inc();
        registry.counter(CPU, Names.tags("tenant", tenant)).inc(exit.cpuTime().toMillis());
    }

    public void rejected() {
        registry.counter(REJECTED, Names.tags("tenant", label(Caller.current().tenant())))
                .inc();
    }

    private synchronized String label(String tenant) {
        if (known.contains(tenant)) {
            return tenant;
        }
        if (known.size() < MAX_TENANTS) {
            known.add(tenant);
            return tenant;
        }
        return OTHER;
    }
}
