package dev.codeinterpreter.session;

import dev.codeinterpreter.schedule.Deadlines;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends a transfer that hardly moves, however long it may take: in each period so many bytes have to pass. A transfer that
 * has not begun, or waits for the last word of the other side, does not move either: it has one period for that.
 */
final class TransferWatch implements AutoCloseable {
    private final Deadlines deadlines;
    private final Duration period;
    private final long minBytes;
    private final Runnable end;
    private final AtomicLong moved = new AtomicLong();
    private Deadlines.Deadline deadline;
    private boolean closed;
    private volatile boolean tooSlow;

    /**
     * Watches from now on until it is closed.
     *
     * @param minBytes in each period
     * @param end called once, on a thread of its own, when fewer have passed
     */
    TransferWatch(Deadlines deadlines, Duration period, long minBytes, Runnable end) {
        this.deadlines = deadlines;
        this.period = period;
        this.minBytes = minBytes;
        this.end = end;
        this.deadline = deadlines.start(period, this::check);
    }

    /** So many bytes have passed. */
    void moved(long bytes) {
        moved.addAndGet(bytes);
    }

    /** Whether it was ended. */
    boolean isTooSlow() {
        return tooSlow;
    }

    @Override
    public synchronized void close() {
        closed = true;
        deadline.close();
    }

    private void check() {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (moved.getAndSet(0) >= minBytes) {
                deadline = deadlines.start(period, this::check);
                return;
            }
            tooSlow = true;
        }
        end.run();
    }
}
