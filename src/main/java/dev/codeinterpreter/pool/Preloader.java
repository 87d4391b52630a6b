package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.runner.Libraries;
import dev.codeinterpreter.schedule.Deadlines;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Has idle sandboxes import their libraries, on one thread: one at a time, since an import takes a processor for half a
 * second, and none while a run begins. A sandbox stays in the pool meanwhile, and may be claimed at any moment.
 */
final class Preloader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Preloader.class.getName());

    private final PoolTimings timings;
    private final Launcher launcher;
    private final IdleSandboxes idle;
    private final ImportPlan plan;
    private final Predicate<Duration> isQuiet;
    private final Deadlines deadlines;
    private final PoolListener listener;
    private final Backoff backoff;
    private final Semaphore arrivals = new Semaphore(0);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("pool-preloader").daemon().unstarted(this::work);
    private boolean missingNamed;

    /** @param isQuiet whether no run has begun for so long */
    Preloader(
            PoolTimings timings,
            Launcher launcher,
            IdleSandboxes idle,
            ImportPlan plan,
            Predicate<Duration> isQuiet,
            Deadlines deadlines,
            PoolListener listener) {
        this.timings = timings;
        this.launcher = launcher;
        this.idle = idle;
        this.plan = plan;
        this.isQuiet = isQuiet;
        this.deadlines = deadlines;
        this.listener = listener;
        this.backoff = new Backoff(timings.firstBackoff(), timings.maxBackoff());
    }

    void start() {
        thread.start();
    }

    /** A sandbox has arrived. */
    void wake() {
        arrivals.release();
    }

    /** An import that is under way goes on; it ends with its sandbox. */
    @Override
    public void close() {
        closed.countDown();
        arrivals.release();
    }

    private void work() {
        try {
            while (closed.getCount() > 0) {
                arrivals.acquire();
                arrivals.drainPermits();
                while (idle.nextToPreload().isPresent() && !pause(backoff.current()) && awaitQuiet()) {
                    // Another one by now, maybe: that one may have been claimed.
                    Optional<WarmSandbox> sandbox = idle.nextToPreload();
                    if (sandbox.isPresent()) {
                        tryToPreload(sandbox.get());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Not for ever: a service with a steady stream of runs would never have libraries again.
     *
     * @return false when it is closed
     */
    private boolean awaitQuiet() throws InterruptedException {
        long until = System.nanoTime() + timings.maxYield().toNanos();
        while (!isQuiet.test(timings.importGrace()) && System.nanoTime() - until < 0) {
            if (pause(timings.importPoll())) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether it is closed. */
    private boolean pause(Duration duration) throws InterruptedException {
        return closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void tryToPreload(WarmSandbox sandbox) throws InterruptedException {
        try {
            preload(sandbox);
            if (sandbox.liveness().isDead()) {
                // Before or by the import; either way not to be asked again.
                idle.retire(sandbox::equals, RetireReason.DEAD);
                fail("a sandbox has died");
            }
        } catch (RuntimeException e) {
            // Whatever it is: without this thread there would be no libraries ever again.
            idle.retire(sandbox::equals, RetireReason.DEAD);
            fail(e.toString());
        }
    }

    private void fail(String why) {
        listener.preloadFailed();
        if (backoff.fail()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "PRELOAD_MODULES could not be imported in an idle sandbox, programs begin without them: {0}",
                    why);
        }
    }

    private void preload(WarmSandbox candidate) throws InterruptedException {
        Liveness sandbox = candidate.liveness();
        long start = System.nanoTime();
        // With several tenants one's programs would show in what another's sandbox has loaded.
        List<String> modules =
                candidate.kind() == Kind.SESSION || candidate.tenant().isEmpty() ? plan.all() : plan.next();
        if (!sandbox.preload(modules, timings.ready(), deadlines)) {
            return;
        }
        do {
            if (pause(timings.importPoll())) {
                return;
            }
        } while (sandbox.isImporting(deadlines));
        Libraries libraries = sandbox.libraries();
        switch (libraries.state()) {
            case READY -> {
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                plan.imported(modules, took);
                listener.preloaded(took);
                backoff.succeed();
                if (modules.equals(plan.all())) {
                    launcher.measured(libraries.memoryBytes());
                    nameMissing(libraries);
                }
                connectAhead(candidate);
            }
            case FAILED -> {
                // A runner imports once: the next try, after the backoff, is that of a next sandbox.
                idle.retire(candidate::equals, RetireReason.IMPORT);
                fail("the import has crashed, or took more than %d s"
                        .formatted(timings.ready().toSeconds()));
            }
            case NONE, IMPORTING -> {
                // Claimed meanwhile, or dead, which the caller sees.
            }
        }
    }

    /** Only now is its runner's socket there. */
    private void connectAhead(WarmSandbox sandbox) {
        if (sandbox.id().isSession()) {
            try {
                launcher.connect(sandbox.id(), sandbox.tenant()).ifPresent(sandbox.connection()::put);
            } catch (RuntimeException e) {
                // The session's first command makes its own.
                LOG.log(System.Logger.Level.DEBUG, "no connection ahead to {0}: {1}", sandbox.id(), e.toString());
            }
        }
    }

    private void nameMissing(Libraries libraries) {
        if (!missingNamed && !libraries.missing().isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the executor image lacks of PRELOAD_MODULES: {0}",
                    String.join(", ", libraries.missing()));
        }
        missingNamed = true;
    }
}
