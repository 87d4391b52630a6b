package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.pool.PoolListener.LaunchType;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the pool at its size, on one thread: it launches one sandbox if one is missing, and looks again. One at a
 * time on purpose: a launch keeps two processors busy for a tenth of a second, which a run that waits needs more.
 *
 * <p>INVARIANT: {@code lock} guards {@code pauses}, {@code lastClaim}, {@code awake} and {@code closed}.
 */
final class Replenisher implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Replenisher.class.getName());

    private final PoolConfig config;
    private final PoolTimings timings;
    private final Launcher launcher;
    private final IdleSandboxes idle;
    private final Deadlines deadlines;
    private final PoolListener listener;
    private final Runnable arrived;
    private final Thread thread =
            Thread.ofPlatform().name("pool-replenisher").daemon().unstarted(this::work);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int pauses;
    private long lastClaim = System.nanoTime();
    private boolean awake = true;
    private boolean closed;

    private final Backoff backoff;
    private long lastLook = System.nanoTime();

    Replenisher(
            PoolConfig config,
            PoolTimings timings,
            Launcher launcher,
            IdleSandboxes idle,
            Deadlines deadlines,
            PoolListener listener,
            Runnable arrived) {
        this.config = config;
        this.timings = timings;
        this.launcher = launcher;
        this.idle = idle;
        this.deadlines = deadlines;
        this.listener = listener;
        this.arrived = arrived;
        this.backoff = new Backoff(timings.firstBackoff(), timings.maxBackoff());
    }

    void start() {
        if (config.runs() + config.sessionSize() > 0) {
            thread.start();
        }
    }

    /** Something was taken: looks when its run has had {@link PoolTimings#claimGrace}. */
    void wake() {
        change(() -> {
            awake = true;
            lastClaim = System.nanoTime();
        });
    }

    /** Whether no run waits for a launch of its own, and none has claimed a sandbox for so long. */
    boolean isQuiet(Duration grace) {
        lock.lock();
        try {
            return pauses == 0 && System.nanoTime() - lastClaim >= grace.toNanos();
        } finally {
            lock.unlock();
        }
    }

    /** While it is open, a run waits for a launch of its own. */
    interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    Pause pause() {
        change(() -> pauses++);
        return () -> change(() -> pauses--);
    }

    /**
     * Stops looking. A launch that is under way ends first, and its sandbox arrives: cut short it would leave a container
     * that nobody owns.
     */
    @Override
    public void close() {
        change(() -> closed = true);
        if (!thread.isAlive()) {
            return;
        }
        try {
            if (!thread.join(timings.shutdown())) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            while (awaitWork()) {
                idle.reserve().ifPresent(this::launch);
            }
        } catch (InterruptedException e) {
            // Only close() does that.
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until there may be something to do and no run's launch stands in the way; false at the end. */
    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            if (!backoff.current().isZero()) {
                await(() -> closed, backoff.current());
            } else if (!idle.isMissing()) {
                await(() -> closed || awake, timings.housekeeping());
                await(() -> closed, awake ? timings.claimGrace() : Duration.ZERO);
            }
            awake = false;
            if (closed) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        retire();
        lock.lock();
        try {
            await(() -> closed || pauses == 0, timings.maxYield());
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void retire() {
        idle.retire(WarmSandbox::isOld, RetireReason.AGE);
        long now = System.nanoTime();
        if (now - lastLook < timings.housekeeping().toNanos()) {
            // Not at every claim: who claims a sandbox that is just being asked waits for its answer.
            return;
        }
        lastLook = now;
        String revision = launcher.revision();
        if (!revision.isEmpty()) {
            idle.retire(sandbox -> !sandbox.revision().equals(revision), RetireReason.STALE);
        }
        String tenant = launcher.tenant();
        idle.retire(sandbox -> !sandbox.tenant().equals(tenant), RetireReason.STALE);
        List<WarmSandbox> dead = idle.all().stream()
                .filter(sandbox -> !sandbox.liveness().check(deadlines))
                .toList();
        idle.retire(dead::contains, RetireReason.DEAD);
        idle.retirePartial();
    }

    private void launch(IdleSandboxes.Place place) {
        try {
            idle.arrive(warm(place));
            arrived.run();
            if (backoff.succeed()) {
                LOG.log(System.Logger.Level.INFO, "sandboxes can be launched again");
            }
        } catch (IOException | RuntimeException e) {
            // Whatever it is: without this thread there would be no warm sandbox ever again.
            idle.release(place);
            listener.launchFailed(LaunchType.WARM);
            if (backoff.fail() && !thread.isInterrupted()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a sandbox for the pool could not be launched, trying again: {0}",
                        e.toString());
            }
        }
    }

    private WarmSandbox warm(IdleSandboxes.Place place) throws IOException {
        long start = System.nanoTime();
        String revision = launcher.revision();
        String tenant = launcher.tenant();
        if (tenant.isEmpty() && place.id().isSession()) {
            throw new IOException("a session would be nobody's: there are several tenants by now");
        }
        Sandbox sandbox = launcher.launchWarm(
                place.id(), tenant, config.maxIdle(), place.kind().importsLibraries());
        try (Deadlines.Deadline deadline = deadlines.start(timings.ready(), sandbox.channel()::close)) {
            RunnerChannel runner = launcher.awaitReady(sandbox);
            deadline.finish();
            listener.launched(LaunchType.WARM, Duration.ofNanos(System.nanoTime() - start));
            return new WarmSandbox(
                    place.kind(), sandbox, tenant, runner, revision, System.nanoTime() + life(), timings);
        } catch (IOException | RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    /** Not the same for all, or all would be replaced at once. */
    private long life() {
        return (long)
                (config.maxIdle().toNanos() * (1 - ThreadLocalRandom.current().nextDouble() / 5));
    }

    private interface Until {
        boolean holds();
    }

    private void await(Until until, Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        while (!until.holds() && left > 0) {
            left = changed.awaitNanos(left);
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
