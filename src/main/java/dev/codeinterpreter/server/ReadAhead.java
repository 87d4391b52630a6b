package dev.codeinterpreter.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The reading side of a connection. The connection's thread reads requests; while it serves one that is watched, a thread
 * of ours reads on, since nothing else says on every system that a client has gone. What that gets is kept for the next
 * request, little of it: the thread stops at 1 KiB.
 *
 * <p>A read that has begun cannot be taken back. So when the request is over, the connection's thread waits for it instead
 * of reading itself.
 *
 * <p>INVARIANT: {@code lock} guards all state; one thread reads at a time. Ours reads only while a whole request has been
 * read and its watch is open, the connection's only otherwise.
 */
final class ReadAhead {
    /** The connection whose request this thread serves. */
    static final ScopedValue<ReadAhead> CURRENT = ScopedValue.newInstance();

    /** What is read beyond it is what a socket gives at once, 8 KiB. */
    static final int ENOUGH_BYTES = 1024;

    private final DataReader reader;
    private final BooleanSupplier probe;
    private final Runnable cut;
    private final TransferLimits.Presence timings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> pieces = new ArrayDeque<>();
    private int held;
    /** Why there is no more to read. */
    private @Nullable RuntimeException end;

    private boolean requestRead;
    /** Whether our thread is in a read, or about to be. */
    private boolean reading;

    private @Nullable Thread thread;
    private @Nullable Watch watch;

    /**
     * @param probe writes something that a client ignores; false when it cannot, as the answer has begun
     * @param cut closes the connection
     */
    ReadAhead(DataReader reader, BooleanSupplier probe, Runnable cut, TransferLimits.Presence timings) {
        this.reader = reader;
        this.probe = probe;
        this.cut = cut;
        this.timings = timings;
    }

    /** The connection's thread is about to read a request. */
    void requestBegins() {
        lock.lock();
        try {
            requestRead = false;
            watch = null;
        } finally {
            lock.unlock();
        }
    }

    /** It has read one to its end. */
    void requestEnds() {
        lock.lock();
        try {
            requestRead = true;
            startIfNeeded();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until something arrives: for the connection's thread.
     *
     * @return one byte at least
     * @throws RuntimeException when the connection has ended, or the thread was interrupted; it is closed then
     */
    byte[] next() {
        lock.lock();
        try {
            while (pieces.isEmpty() && reading) {
                changed.await();
            }
            byte[] piece = pieces.poll();
            if (piece != null) {
                held -= piece.length;
                return piece;
            }
            if (end != null) {
                throw end;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cut.run();
            throw new CloseConnectionException("interrupted while waiting for the client", e);
        } finally {
            lock.unlock();
        }
        return reader.readBuffer().readBytes();
    }

    ClientWatch watch(Runnable onGone) {
        lock.lock();
        try {
            Watch begun = new Watch(onGone, watch);
            watch = begun;
            startIfNeeded();
            return begun;
        } finally {
            lock.unlock();
        }
    }

    private void startIfNeeded() {
        if (watch == null || !requestRead) {
            return;
        }
        watch.due = System.nanoTime() + timings.grace().toNanos();
        if (thread == null) {
            thread = Thread.ofVirtual().name("read-ahead").start(this::run);
        } else if (end != null) {
            // It may be in a long pause of the request before.
            changed.signalAll();
        }
    }

    private void run() {
        for (Runnable action = nextAction(); action != null; action = nextAction()) {
            action.run();
        }
    }

    /** Waits for what our thread has to do; null when there is nothing left. */
    private @Nullable Runnable nextAction() {
        lock.lock();
        try {
            Runnable action = null;
            while (action == null && watch != null && !watch.isOver()) {
                long wait = watch.due - System.nanoTime();
                if (wait > 0) {
                    boolean _ = changed.await(wait, TimeUnit.NANOSECONDS);
                } else {
                    action = watch.action();
                }
            }
            thread = action == null ? null : thread;
            return action;
        } catch (InterruptedException e) {
            thread = null;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        byte[] piece = {};
        RuntimeException failure = null;
        try {
            piece = reader.readBuffer().readBytes();
        } catch (RuntimeException e) {
            failure = e;
        }
        lock.lock();
        try {
            reading = false;
            end = failure;
            if (failure == null) {
                pieces.add(piece);
                held += piece.length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Guarded by the lock, but for what its owner calls. */
    private final class Watch implements ClientWatch {
        private final Runnable onGone;
        /** That was open when this began; it goes on when this is closed. */
        private final @Nullable Watch outer;

        private Runnable answerProbe = () -> {};
        /** When there is something to do. */
        private long due;

        private int probes;
        private boolean gone;
        private boolean closed;

        Watch(Runnable onGone, @Nullable Watch outer) {
            this.onGone = onGone;
            this.outer = outer;
        }

        /** Whether there is nothing left to find out, or to read. */
        boolean isOver() {
            return gone
                    || (end == null
                            ? held >= ENOUGH_BYTES
                            : hasStoppedSending() && probes == timings.pauses().size());
        }

        Runnable action() {
            if (end == null) {
                reading = true;
                return ReadAhead.this::read;
            }
            if (hasStoppedSending()) {
                return this::probe;
            }
            gone = true;
            changed.signalAll();
            return onGone;
        }

        private boolean hasStoppedSending() {
            return end instanceof DataReader.InsufficientDataAvailableException;
        }

        private void probe() {
            RuntimeException failure = null;
            try {
                if (!probe.getAsBoolean()) {
                    answerProbe.run();
                }
            } catch (RuntimeException e) {
                failure = new CloseConnectionException("the client has gone", e);
            }
            lock.lock();
            try {
                end = failure == null ? end : failure;
                due = System.nanoTime()
                        + (failure == null ? timings.pauses().get(probes).toNanos() : 0);
                probes++;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void probeWith(Runnable probe) {
            lock.lock();
            try {
                answerProbe = probe;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void settle() {
            lock.lock();
            try {
                long left = timings.settle().toNanos();
                while (!gone && end != null && !(hasStoppedSending() && probes >= 2) && left > 0) {
                    left = changed.awaitNanos(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                if (watch != this) {
                    return;
                }
                Watch next = outer;
                while (next != null && next.closed) {
                    next = next.outer;
                }
                watch = next;
                startIfNeeded();
            } finally {
                lock.unlock();
            }
        }
    }
}
