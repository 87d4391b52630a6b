package dev.codeinterpreter.sandbox.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from the threads that write to a sandbox to the transport's thread that sends them. The JDK's own pipe breaks when
 * the thread that wrote last has ended, and ours end with their requests.
 *
 * <p>The transport takes a kilobyte at a time. So a writer that has found the pipe full waits until half of it is free: woken
 * by each kilobyte, the two would spend most of their time on waking each other.
 *
 * <p>INVARIANT: {@code lock} guards everything; {@code 0 <= size <= buffer.length}.
 */
final class BytePipe {
    /** Two of the largest frames: one is sent while the next is written. */
    private static final int CAPACITY = 128 << 10;

    /** How often a writer that waits looks whether somebody will ever make room: the JDK's own pipe does so, too. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final byte[] buffer = new byte[CAPACITY];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();
    private final long lookNanos;
    private int start;
    private int size;
    private boolean closed;
    /** The transport's, which dies without a word when its connection breaks. */
    private @Nullable Thread sender;

    BytePipe() {
        this(LOOK);
    }

    BytePipe(Duration look) {
        this.lookNanos = look.toNanos();
    }

    /** For the transport: ends when the pipe is closed and empty. */
    InputStream source() {
        return source;
    }

    /** For us: fails once the pipe is closed, and when it is full and the thread that sent has ended. */
    OutputStream sink() {
        return sink;
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            readable.signalAll();
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void put(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            int done = 0;
            while (done < length) {
                boolean wasFull = size == CAPACITY;
                while (wasFull && size > CAPACITY / 2 && !closed) {
                    if (!writable.await(lookNanos, TimeUnit.NANOSECONDS) && sender != null && !sender.isAlive()) {
                        throw new IOException("the connection to the sandbox has ended");
                    }
                }
                if (closed) {
                    throw new IOException("the sandbox is closed");
                }
                int end = (start + size) % CAPACITY;
                int room = Math.min(CAPACITY - size, CAPACITY - end);
                int count = Math.min(room, length - done);
                System.arraycopy(bytes, offset + done, buffer, end, count);
                size += count;
                done += count;
                readable.signalAll();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            sender = Thread.currentThread();
            while (size == 0 && !closed) {
                readable.await();
            }
            if (size == 0) {
                return -1;
            }
            int count = Math.min(Math.min(size, length), CAPACITY - start);
            System.arraycopy(buffer, start, bytes, offset, count);
            start = (start + count) % CAPACITY;
            size -= count;
            if (size <= CAPACITY / 2) {
                writable.signalAll();
            }
            return count;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted", e);
    }

    private final InputStream source = new InputStream() {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return take(bytes, offset, length);
        }

        @Override
        public void close() {
            BytePipe.this.close();
        }
    };

    private final OutputStream sink = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
            put(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            put(bytes, offset, length);
        }

        @Override
        public void close() {
            BytePipe.this.close();
        }
    };
}
