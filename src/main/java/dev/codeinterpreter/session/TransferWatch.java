package dev.codeinterpreter.session;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.io.InputStream;
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

    /** {@code source}, counted by this watch. */
    Content over(InputStream source) {
        return new Content(source, this);
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

    /** What a client sends into a session, counted by the watch over it. */
    static final class Content extends InputStream {
        private final InputStream source;
        private final TransferWatch watch;
        private volatile boolean waiting;

        private Content(InputStream source, TransferWatch watch) {
            this.source = source;
            this.watch = watch;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            waiting = true;
            int count = source.read(target, offset, length);
            checkSpeed();
            waiting = false;
            watch.moved(Math.max(0, count));
            return count;
        }

        /** @throws ServiceException MALFORMED_BODY when the watch has ended the transfer while the client was waited for */
        void checkSpeed() {
            if (waiting && watch.isTooSlow()) {
                throw new ServiceException(ErrorCode.MALFORMED_BODY, "The request body arrived too slowly");
            }
        }
    }
}
