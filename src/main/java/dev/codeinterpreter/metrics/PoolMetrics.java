package dev.codeinterpreter.metrics;

import dev.codeinterpreter.pool.PoolListener;
import dev.codeinterpreter.pool.PoolListener.LaunchType;
import dev.codeinterpreter.pool.RetireReason;
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

/** Of launches and of what the pool closes unused. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class PoolMetrics implements PoolListener {
    private static final Metadata LAUNCH = Names.of(
            "sandbox_launch",
            "Time that a launch takes: warm until a program can start, cold until its container runs",
            MetricUnits.SECONDS);
    private static final Metadata IMPORT =
            Names.of("sandbox_preload", "Time in which an idle sandbox imported PRELOAD_MODULES", MetricUnits.SECONDS);
    private static final Metadata IMPORT_FAILED =
            Names.of("sandbox_preloads_failed", "Imports of PRELOAD_MODULES that crashed or took too long");
    private static final Metadata FAILED = Names.of("sandbox_launches_failed", "Launches that failed");
    private static final Metadata CLAIMED = Names.of("sandboxes_claimed", "Sandboxes given to a run");
    private static final Metadata REAPED = Names.of("sandboxes_reaped", "Idle sandboxes closed unused");

    private static final String BARE = "bare";
    private static final String PRELOADED = "preloaded";

    private final MetricRegistry registry;

    @Inject
    PoolMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Makes every series, so that they are zero and not absent before they count. */
    public void register() {
        for (LaunchType type : LaunchType.values()) {
            Timer _ = launch(type);
            Counter _ = failed(type);
        }
        Timer _ = registry.timer(IMPORT);
        Counter _ = registry.counter(IMPORT_FAILED);
        for (String type : List.of(BARE, PRELOADED, label(LaunchType.COLD))) {
            Counter _ = claimed(type);
        }
        for (RetireReason reason : RetireReason.values()) {
            Counter _ = reaped(reason);
        }
    }

    @Override
    public void launched(LaunchType type, Duration took) {
        launch(type).update(took);
    }

    @Override
    public void launchFailed(LaunchType type) {
        failed(type).inc();
    }

    @Override
    public void preloaded(Duration took) {
        registry.timer(IMPORT).update(took);
    }

    @Override
    public void preloadFailed() {
        registry.counter(IMPORT_FAILED).inc();
    }

    @Override
    public void claimed(LaunchType type, boolean preloaded) {
        String warm = preloaded ? PRELOADED : BARE;
        claimed(type == LaunchType.WARM ? warm : label(type)).inc();
    }

    @Override
    public void retired(RetireReason reason) {
        reaped(reason).inc();
    }

    private Timer launch(LaunchType type) {
        return registry.timer(LAUNCH, Names.tags("launch_type", label(type)));
    }

    private Counter failed(LaunchType type) {
        return registry.counter(FAILED, Names.tags("launch_type", label(type)));
    }

    private Counter claimed(String launchType) {
        return registry.counter(CLAIMED, Names.tags("launch_type", launchType));
    }

    private Counter reaped(RetireReason reason) {
        return registry.counter(REAPED, Names.tags("reason", label(reason)));
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
