package dev.codeinterpreter.usage;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What other processes have counted, looked for again when it is asked for. On a thread of its own, since a directory of a
 * network may never answer: then who asks waits for a while, and after that no one does.
 */
final class FreshCounts implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(FreshCounts.class.getName());

    private final OtherCounts counts;
    private final Usage usage;
    private final UsageTimings timings;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("usage-refresh").daemon().factory());

    /** The last look, and when it began. */
    private Future<?> look = CompletableFuture.completedFuture(null);

    private long lookNanos;
    /** When the last looks began that have found all that had changed, and all there is. */
    private volatile long goodNanos;

    private long fullNanos;
    private boolean failing;

    FreshCounts(OtherCounts counts, Usage usage, UsageTimings timings) {
        this.counts = counts;
        this.usage = usage;
        this.timings = timings;
        long now = System.nanoTime();
        this.lookNanos = now - timings.fresh().toNanos();
        this.goodNanos = now - timings.old().toNanos();
        this.fullNanos = now - timings.full().toNanos();
    }

    /** Whether {@link #counts} are recent; if they are not fresh they are looked for before. */
    boolean areKnown() {
        Future<?> running;
        long left;
        synchronized (this) {
            long now = System.nanoTime();
            if (look.isDone() && now - lookNanos >= timings.fresh().toNanos()) {
                lookNanos = now;
                look = thread.submit(() -> refresh(now));
            }
            running = look;
            left = lookNanos + timings.maxWait().toNanos() - now;
        }
        try {
            Object _ = running.get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // What was known before may be recent enough.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime() - goodNanos < timings.old().toNanos();
    }

    OtherCounts counts() {
        return counts;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void refresh(long began) {
        long hour = HourName.hourOf(usage.now());
        boolean full = began - fullNanos >= timings.full().toNanos();
        try {
            counts.forgetBefore(hour - Usage.KEPT_HOURS);
            counts.refresh(full ? hour - Usage.KEPT_HOURS : hour - 1);
            goodNanos = began;
            fullNanos = full ? began : fullNanos;
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.log(System.Logger.Level.WARNING, "the usage of other replicas cannot be read", e);
            }
            failing = true;
        }
    }
}
