package dev.codeinterpreter.schedule;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.logging.RequestId;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends what takes too long. A blocked read has no time limit of its own, so a run arms one of these for each of its
 * phases, and the action (closing the sandbox) makes the read fail. Monotonic; actions run on virtual threads, so that one
 * that blocks delays no other.
 */
@SingleInstance
public class Deadlines {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("execution-deadlines").daemon().factory());

    public Deadlines() {
        // A run moves its deadline twice for each of its files: what is cancelled is not kept until its time.
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs {@code action} once after {@code timeout}, unless it is closed or moved before; for the request of the calling thread. */
    public Deadline start(Duration timeout, Runnable action) {
        Deadline deadline = new Deadline(RequestId.carry(action));
        deadline.restart(timeout);
        return deadline;
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
    }

    /** One deadline that may be moved; closing it in time disarms it. */
    public final class Deadline implements AutoCloseable {
        private final Runnable action;
        private @Nullable Future<?> task;
        /** Counts the moves, so that an end which has been moved is no end, though its task may be running already. */
        private int generation;

        private long endNanos;
        /** How much later the end is while somebody else is waited for. */
        private long pauseNanos;

        private boolean closed;
        private boolean passed;

        private Deadline(Runnable action) {
            this.action = action;
        }

        /** Counts anew from now; without effect when it has passed or is closed. */
        public synchronized void restart(Duration timeout) {
            endNanos = System.nanoTime() + timeout.toNanos();
            schedule();
        }

        /**
         * Calls {@code other}, whose time does not count, as somebody else is waited for; for one thread at a time.
         *
         * @param longest that does not count: beyond that it does, so that an end comes whatever hangs
         */
        public <T> T without(Duration longest, Supplier<T> other) {
            long begin = System.nanoTime();
            pause(longest.toNanos());
            try {
                return other.get();
            } finally {
                resume(Math.min(System.nanoTime() - begin, longest.toNanos()));
            }
        }

        public synchronized boolean hasPassed() {
            return passed;
        }

        /**
         * Closes it, as what it was for is done.
         *
         * @throws IOException when its time was up before: the action has begun or is about to, whatever was done
         */
        public synchronized void finish() throws IOException {
            close();
            if (passed) {
                throw new IOException("done when the time was up");
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            cancelTask();
        }

        private synchronized void pause(long longestNanos) {
            pauseNanos = longestNanos;
            schedule();
        }

        private synchronized void resume(long tookNanos) {
            pauseNanos = 0;
            endNanos += tookNanos;
            schedule();
        }

        private void schedule() {
            if (!closed && !passed) {
                cancelTask();
                int scheduled = ++generation;
                long left = endNanos + pauseNanos - System.nanoTime();
                task = timer.schedule(() -> pass(scheduled), left, TimeUnit.NANOSECONDS);
            }
        }

        private synchronized void pass(int scheduled) {
            if (!closed && scheduled == generation) {
                passed = true;
                Thread.ofVirtual().name("execution-deadline").start(action);
            }
        }

        private void cancelTask() {
            if (task != null) {
                task.cancel(false);
            }
        }
    }
}
