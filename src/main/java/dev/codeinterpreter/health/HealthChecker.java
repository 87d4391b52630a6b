package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
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

    private final HealthConfig config;
    private final HealthTimings timings;
    private final String name;
    private final SandboxBackend backend;
    /** Held while the backend is asked, for at most the timeout: clients that poll /ready must not ask without bound. */
    private final Object asking = new Object();

    /** Of the periodic check alone: a question of a client does not hide that it is stuck. */
    private volatile long lastChecked = System.nanoTime();

    private long lastAsked = System.nanoTime();
    private volatile @Nullable BackendHealth last;
    private @Nullable PeriodicTask checks;

    @Inject
    HealthChecker(HealthConfig config, BackendSelection selection) {
        this(config, HealthTimings.DEFAULT, selection.name(), selection.backend());
    }

    HealthChecker(HealthConfig config, HealthTimings timings, String name, SandboxBackend backend) {
        this.config = config;
        this.timings = timings;
        this.name = name;
        this.backend = backend;
    }

    /** Checks once, then again after each interval, and sooner while the backend fails. */
    public void start() {
        checks = PeriodicTask.nowAndEvery(this::pause, "health-checker", this::check);
    }

    private Duration pause() {
        Duration interval = config.interval();
        return last().isOk() || interval.compareTo(timings.retry()) < 0 ? interval : timings.retry();
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

    /**
     * Asks the backend, unless its last answer is younger than {@link HealthTimings#maxAge}; all who ask at a time get the
     * answer to one question.
     */
    BackendHealth fresh() {
        synchronized (asking) {
            if (System.nanoTime() - lastAsked > timings.maxAge().toNanos() || last == null) {
                ask();
            }
            return last();
        }
    }

    private void check() {
        synchronized (asking) {
            ask();
        }
        lastChecked = System.nanoTime();
    }

    private void ask() {
        BackendHealth before = last;
        BackendHealth now = backend.check(config.timeout());
        last = now;
        lastAsked = System.nanoTime();
        if (!now.equals(before)) {
            LOG.log(
                    now.isOk() ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                    "backend {0}: {1}",
                    name,
                    now.problem().orElse("ok"));
        }
    }

    @PreDestroy
    void close() {
        if (checks != null) {
            checks.close();
        }
    }
}
