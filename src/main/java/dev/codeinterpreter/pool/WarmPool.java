package dev.codeinterpreter.pool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.launch.LaunchType;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.schedule.Deadlines;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/**
 * Sandboxes for single runs, some of them ready before they are asked for.
 *
 * <p>Theory of operation: each sandbox is used once. {@link #claim} takes an idle one that still answers, or launches one
 * at once when there is none; it never waits for the pool. The {@link Replenisher} has a thread of its own: it launches
 * what is missing, one at a time and after the launches that runs are waiting for, and closes what has become old or
 * stale. Between the two are only the {@link IdleSandboxes}.
 */
@SingleInstance
public class WarmPool {
    private final Launcher launcher;
    private final Deadlines deadlines;
    private final PoolListener listener;
    private final IdleSandboxes idle;
    private final Replenisher replenisher;

    @Inject
    WarmPool(PoolConfig config, Launcher launcher, Deadlines deadlines, PoolListener listener) {
        this(config, PoolTimings.DEFAULT, launcher, deadlines, listener);
    }

    WarmPool(PoolConfig config, PoolTimings timings, Launcher launcher, Deadlines deadlines, PoolListener listener) {
        this.launcher = launcher;
        this.deadlines = deadlines;
        this.listener = listener;
        this.idle = new IdleSandboxes(config.size(), listener);
        this.replenisher = new Replenisher(config, timings, launcher, idle, deadlines, listener);
    }

    public PoolStats stats() {
        return idle.stats();
    }

    /**
     * A sandbox for one run: the oldest idle one that answers, else a new one. The caller closes it.
     *
     * @throws ServiceException CAPACITY_UNAVAILABLE when there is none and none can be launched
     */
    public ClaimedSandbox claim() {
        Optional<WarmSandbox> warm = idle.take();
        while (warm.isPresent()) {
            replenisher.wake();
            WarmSandbox sandbox = warm.get();
            if (sandbox.isOld()) {
                idle.discard(sandbox, RetireReason.AGE);
            } else if (!sandbox.liveness().claim(deadlines)) {
                idle.discard(sandbox, RetireReason.DEAD);
            } else {
                listener.claimed(LaunchType.WARM);
                return sandbox;
            }
            warm = idle.take();
        }
        return launch();
    }

    /**
     * Says that somebody is going to claim one, and has to read first what it is for: asks meanwhile whether the next idle
     * one answers. Returns at once.
     */
    public void probeNext() {
        idle.peek()
                .ifPresent(sandbox -> Thread.ofVirtual()
                        .name("pool-probe-" + sandbox.id().value())
                        .start(RequestId.carry(() -> sandbox.liveness().check(deadlines))));
    }

    private ClaimedSandbox launch() {
        long start = System.nanoTime();
        try (Replenisher.Pause _ = replenisher.pause()) {
            ClaimedSandbox sandbox = launcher.launchCold();
            listener.launched(LaunchType.COLD, Duration.ofNanos(System.nanoTime() - start));
            listener.claimed(LaunchType.COLD);
            return sandbox;
        } catch (ServiceException e) {
            listener.launchFailed(LaunchType.COLD);
            throw e;
        }
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        replenisher.start();
    }

    /** Requests have ended by now. */
    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        replenisher.close();
        idle.close();
    }
}
