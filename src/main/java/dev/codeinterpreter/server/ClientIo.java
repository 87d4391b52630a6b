package dev.codeinterpreter.server;

import dev.codeinterpreter.http1.AnswerHead;
import dev.codeinterpreter.http1.Waiting;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * What passes between a client and its connection's thread, with the time limits that the sockets do not have. A client
 * that stops, or is slower than the configured rate, loses its connection. Between requests it may be idle for longer; that
 * limit is the web server's own.
 */
final class ClientIo implements DataWriter {
    /** So that progress is seen while a large answer is written. */
    private static final int MAX_WRITE_BYTES = 16 * 1024;

    private final ReadAhead reader;
    private final ProbedWriter writer;
    private final TransferLimits limits;
    private final StallWatch watch;
    private final Runnable cut;
    private final TransferRate received;
    private final TransferRate sent;
    private long headSince = System.nanoTime();
    /** When the client wants no more of the answer. */
    private @Nullable AnswerHead headOnly;

    /** @param cut closes the connection */
    ClientIo(ReadAhead reader, ProbedWriter writer, TransferLimits limits, StallWatch watch, Runnable cut) {
        this.reader = reader;
        this.writer = writer;
        this.limits = limits;
        this.watch = watch;
        this.cut = cut;
        this.received = new TransferRate(limits.minBytesPerSecond(), limits.rateWindow());
        this.sent = new TransferRate(limits.minBytesPerSecond(), limits.rateWindow());
    }

    /**
     * Blocks until something arrives.
     *
     * @throws UncheckedIOException when the client was too slow
     */
    byte[] receive(Waiting reason) {
        long begun = System.nanoTime();
        long nanos = switch (reason) {
            case FIRST_REQUEST, HEAD -> limits.head().toNanos() - (begun - headSince);
            case BODY -> Math.min(limits.read().toNanos(), received.allowance());
            case NEXT_REQUEST, ANSWER -> Long.MAX_VALUE;
        };
        if (reason == Waiting.NEXT_REQUEST) {
            headSince = begun;
        }
        byte[] bytes;
        try (StallWatch.Wait _ = watch.begin(reason, headSince, nanos, cut)) {
            bytes = reader.next();
        }
        long now = System.nanoTime();
        switch (reason) {
            case BODY -> check(received.add(now - begun, bytes.length));
            case NEXT_REQUEST -> {
                headSince = now;
                received.reset();
                sent.reset();
            }
            default -> {}
        }
        return bytes;
    }

    /** After an answer to a request that was not read to its end: a connection closed over unread bytes loses its answer. */
    void discard() {
        long end = System.nanoTime() + limits.linger().toNanos();
        long left = limits.lingerBytes();
        try {
            for (long nanos = end - System.nanoTime(); nanos > 0 && left > 0; nanos = end - System.nanoTime()) {
                try (StallWatch.Wait _ = watch.begin(Waiting.HEAD, headSince, nanos, cut)) {
                    left -= reader.next().length;
                }
            }
        } catch (RuntimeException e) {
            // The client has read its answer and closed, or has not in time.
        }
    }

    /**
     * Says to a client of TLS that this is the end, so that it need not suspect that somebody has cut the answer off, and
     * closes the connection. Up to TLS 1.2 a client answers that.
     */
    void close(HelidonSocket socket) {
        try (StallWatch.Wait _ =
                watch.begin(Waiting.ANSWER, System.nanoTime(), limits.linger().toNanos(), cut)) {
            socket.close();
        } catch (RuntimeException e) {
            // The client has been quicker.
        }
        cut.run();
    }

    /** What is written next answers a request. */
    void answers(boolean withoutBody) {
        headOnly = withoutBody ? new AnswerHead() : null;
    }

    @Override
    public void write(BufferData... buffers) {
        for (BufferData buffer : buffers) {
            write(buffer);
        }
    }

    @Override
    public void write(BufferData written) {
        if (headOnly == null) {
            writeAll(written);
            return;
        }
        BufferData head = headOnly.of(written);
        if (head.available() > 0) {
            writeAll(head);
        }
        if (headOnly.isEnough()) {
            flush();
            throw new CloseConnectionException("the answer to HEAD is longer than is worth making");
        }
    }

    private void writeAll(BufferData buffer) {
        if (buffer.available() <= MAX_WRITE_BYTES) {
            send(() -> writer.write(buffer), buffer.available());
            return;
        }
        while (buffer.available() > 0) {
            byte[] piece = new byte[Math.min(MAX_WRITE_BYTES, buffer.available())];
            int count = buffer.read(piece);
            send(() -> writer.write(BufferData.create(piece, 0, count)), count);
        }
    }

    @Override
    public void writeNow(BufferData... buffers) {
        write(buffers);
        flush();
    }

    @Override
    public void writeNow(BufferData buffer) {
        write(buffer);
        flush();
    }

    @Override
    public void flush() {
        send(writer::flush, 0);
    }

    @Override
    public void close() {
        writer.close();
    }

    private void send(Runnable write, long bytes) {
        long begun = System.nanoTime();
        long nanos = Math.min(limits.write().toNanos(), sent.allowance());
        try (StallWatch.Wait _ = watch.begin(Waiting.ANSWER, begun, nanos, cut)) {
            write.run();
        }
        check(sent.add(System.nanoTime() - begun, bytes));
    }

    private static void check(boolean fastEnough) {
        if (!fastEnough) {
            throw new UncheckedIOException(new IOException("the client is slower than MIN_TRANSFER_BYTES_PER_SEC"));
        }
    }
}
