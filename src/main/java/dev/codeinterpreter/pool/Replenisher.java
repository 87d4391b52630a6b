package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.LaunchType;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the pool at its size, on one thread: it launches one sandbox if one is missing, and looks again. One at a
 * time on purpose: importing libraries takes a processor for half a second, which a run that waits needs more.
 *
 * <p>INVARIANT: {@code lock} guards {@code pauses}, {@code awake} and {@code closed}.
 */
final class Replenisher implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Replenisher.class.getName());

    private final PoolConfig config;
    private final PoolTimings timings;
    private final Launcher launcher;
    private final IdleSandboxes idle;
    private final Deadlines deadlines;
    private final PoolListener listener;
    private final Thread thread =
            Thread.ofPlatform().name("pool-replenisher").daemon().unstarted(this::work);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int pauses;
    private boolean awake = true;
    private boolean closed;

    private Duration backoff = Duration.ZERO;
    private boolean libraryNamed;
    private long lastLook = System.nanoTime();

    Replenisher(
            PoolConfig config,
            PoolTimings timings,
            Launcher launcher,
            IdleSandboxes idle,
            Deadlines deadlines,
            PoolListener listener) {
        this.config = config;
        this.timings = timings;
        this.launcher = launcher;
        this.idle = idle;
        this.deadlines = deadlines;
        this.listener = listener;
    }

    void start() {
        if (config.size() > 0) {
            thread.start();
        }
    }

    /** Something was taken: looks at once. */
    void wake() {
        change(() -> awake = true);
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
                if (idle.reserve()) {
                    launch();
                }
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
            if (!backoff.isZero()) {
                await(() -> closed, backoff);
            } else if (!isMissing()) {
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

    private boolean isMissing() {
        PoolStats stats = idle.stats();
        return stats.idle() + stats.launching() < stats.target();
    }

    private void retire() {
        idle.retire(WarmSandbox::isOld, RetireReason.AGE);
        int waiting = idle.stats().idle();
        long now = System.nanoTime();
        if (waiting == 0 || now - lastLook < timings.housekeeping().toNanos()) {
            // Not at every claim: a sandbox that is being looked at is not there for the next one.
            return;
        }
        lastLook = now;
        String revision = launcher.revision();
        if (!revision.isEmpty()) {
            idle.retire(sandbox -> !sandbox.revision().equals(revision), RetireReason.STALE);
        }
        for (int i = 0; i < waiting; i++) {
            idle.take().ifPresent(this::restoreIfAlive);
        }
    }

    private void restoreIfAlive(WarmSandbox sandbox) {
        if (sandbox.liveness().check(deadlines)) {
            idle.restore(sandbox);
        } else {
            idle.discard(sandbox, RetireReason.DEAD);
        }
    }

    private void launch() {
        long start = System.nanoTime();
        try {
            WarmSandbox sandbox = warm();
            listener.launched(LaunchType.WARM, Duration.ofNanos(System.nanoTime() - start));
            idle.arrive(sandbox);
            if (!backoff.isZero()) {
                LOG.log(System.Logger.Level.INFO, "sandboxes can be launched again");
            }
            backoff = Duration.ZERO;
        } catch (IOException | RuntimeException e) {
            // Whatever it is: without this thread there would be no warm sandbox ever again.
            idle.release();
            listener.launchFailed(LaunchType.WARM);
            failed(e);
        }
    }

    private WarmSandbox warm() throws IOException {
        String revision = launcher.revision();
        Sandbox sandbox = launcher.launchWarm(config.maxIdle());
        try (Deadlines.Deadline deadline = deadlines.start(timings.ready(), sandbox.channel()::close)) {
            RunnerChannel runner = launcher.awaitReady(sandbox);
            deadline.finish();
            nameMissing(runner);
            return new WarmSandbox(sandbox, runner, revision, System.nanoTime() + life());
        } catch (IOException | RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    private void nameMissing(RunnerChannel runner) {
        if (!libraryNamed && !runner.ready().missing().isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the executor image lacks of PRELOAD_MODULES: {0}",
                    String.join(", ", runner.ready().missing()));
        }
        libraryNamed = true;
    }

    /** Not the same for all, or all would be replaced at once. */
    private long life() {
        return (long)
                (config.maxIdle().toNanos() * (1 - ThreadLocalRandom.current().nextDouble() / 5));
    }

    private void failed(Exception e) {
        if (backoff.isZero() && !thread.isInterrupted()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a sandbox for the pool could not be launched, trying again: {0}",
                    e.toString());
        }
        Duration doubled = backoff.isZero() ? timings.firstBackoff() : backoff.multipliedBy(2);
        backoff = doubled.compareTo(timings.maxBackoff()) < 0 ? doubled : timings.maxBackoff();
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
