package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.codeinterpreter.http1.Waiting;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The writing side of a connection, on which another thread may ask whether the client is still there: never within an
 * answer.
 */
final class ProbedWriter {
    private static final byte[] INTERIM = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    /** Of the status, which is 1xx in an interim answer, in each answer's first bytes. */
    private static final int FIRST_DIGIT = "HTTP/1.1 ".length();

    private final DataWriter writer;
    private final StallWatch watch;
    private final Duration timeout;
    private final Runnable cut;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@code lock}: whether the answer to the request has begun. */
    private boolean answering;

    /**
     * @param timeout of a probe
     * @param cut closes the connection
     */
    ProbedWriter(DataWriter writer, StallWatch watch, Duration timeout, Runnable cut) {
        this.writer = writer;
        this.watch = watch;
        this.timeout = timeout;
        this.cut = cut;
    }

    /** What is written next answers another request. */
    void requestBegins() {
        lock.lock();
        try {
            answering = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes an interim answer.
     *
     * @return false when the answer has begun
     * @throws RuntimeException when the client has gone
     */
    boolean probe() {
        if (!lock.tryLock()) {
            return false;
        }
        try (StallWatch.Wait _ = watch.begin(Waiting.ANSWER, System.nanoTime(), timeout.toNanos(), cut)) {
            if (!answering) {
                writer.writeNow(BufferData.create(INTERIM));
            }
            return !answering;
        } finally {
            lock.unlock();
        }
    }

    void write(BufferData buffer) {
        lock.lock();
        try {
            answering |= !isInterim(buffer);
            writer.write(buffer);
        } finally {
            lock.unlock();
        }
    }

    void flush() {
        lock.lock();
        try {
            writer.flush();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        writer.close();
    }

    private static boolean isInterim(BufferData buffer) {
        return buffer.available() > FIRST_DIGIT && buffer.get(FIRST_DIGIT) == '1';
    }
}
