package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks the backend now and then and remembers the answer, so that a probe never waits for an engine. */
@SingleInstance
public class HealthChecker {
    private static final System.Logger LOG = System.getLogger(HealthChecker.class.getName());

    /** A machine may be slow. */
    private static final int CHECKS_MISSED = 10;

    /** Between two checks while the backend fails, so that it is known soon when it does no longer. */
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final BackendSelection selection;
    private final HealthConfig config;
    private volatile long lastChecked = System.nanoTime();
    private volatile @Nullable BackendHealth last;
    private @Nullable PeriodicTask checks;

    @Inject
    HealthChecker(HealthConfig config, BackendSelection selection) {
        this.selection = selection;
        this.config = config;
    }

    /** Checks once, then again after each interval, and sooner while the backend fails. */
    public void start() {
        checks = PeriodicTask.nowAndEvery(this::pause, "health-checker", this::fresh);
    }

    private Duration pause() {
        Duration interval = config.interval();
        return last().isOk() || interval.compareTo(AGAIN) < 0 ? interval : AGAIN;
    }

    /** Whether the checks have stopped coming: only then is the service itself unwell. */
    boolean isStuck() {
        long silence = System.nanoTime() - lastChecked;
        return silence
                > config.interval()
                        .plus(config.timeout().multipliedBy(CHECKS_MISSED))
                        .toNanos();
    }

    boolean hasChecked() {
        return last != null;
    }

    /** From memory. */
    BackendHealth last() {
        BackendHealth known = last;
        return known == null ? BackendHealth.failing("the first check of the backend is still running") : known;
    }

    /** Asks the backend now. */
    BackendHealth fresh() {
        BackendHealth before = last;
        BackendHealth now = selection.backend().check(config.timeout());
        last = now;
        lastChecked = System.nanoTime();
        if (!now.equals(before)) {
            LOG.log(
                    now.isOk() ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                    "backend {0}: {1}",
                    selection.name(),
                    now.problem().orElse("ok"));
        }
        return now;
    }

    @PreDestroy
    void close() {
        if (checks != null) {
            checks.close();
        }
    }
}
