package dev.codeinterpreter.schedule;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.logging.RequestId;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends what takes too long. A blocked read has no time limit of its own, so a run arms one of these for each of its
 * phases, and the action (closing the sandbox) makes the read fail. Monotonic; actions run on virtual threads, so that one
 * that blocks delays no other.
 */
@SingleInstance
public class Deadlines {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("execution-deadlines").daemon().factory());

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

        private boolean closed;
        private boolean passed;

        private Deadline(Runnable action) {
            this.action = action;
        }

        /** Counts anew from now; without effect when it has passed or is closed. */
        public synchronized void restart(Duration timeout) {
            if (!closed && !passed) {
                cancelTask();
                int scheduled = ++generation;
                task = timer.schedule(() -> pass(scheduled), timeout.toNanos(), TimeUnit.NANOSECONDS);
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
