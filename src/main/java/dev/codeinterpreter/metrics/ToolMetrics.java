package dev.codeinterpreter.metrics;

import dev.codeinterpreter.mcp.tool.ToolListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Timer;

/** Of the tools of MCP. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class ToolMetrics implements ToolListener {
    private static final Metadata CALLS = Names.of("mcp_calls", "Calls of tools that have ended, by outcome");
    private static final Metadata DURATION =
            Names.of("mcp_call_duration", "Time that a call of a tool took", MetricUnits.SECONDS);

    private final MetricRegistry registry;

    @Inject
    ToolMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Makes every series, so that they are zero and not absent before they count. */
    public void register(List<String> tools) {
        for (String tool : tools) {
            Timer _ = duration(tool);
            for (Outcome outcome : Outcome.values()) {
                Counter _ = calls(tool, outcome);
            }
        }
    }

    @Override
    public void called(String tool, Outcome outcome, Duration took) {
        calls(tool, outcome).inc();
        duration(tool).update(took);
    }

    private Counter calls(String tool, Outcome outcome) {
        return registry.counter(
                CALLS, Names.tags("tool", tool, "outcome", outcome.name().toLowerCase(Locale.ROOT)));
    }

    private Timer duration(String tool) {
        return registry.timer(DURATION, Names.tags("tool", tool));
    }
}
