package dev.codeinterpreter.sandbox.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.SandboxChannel;
import jakarta.json.JsonException;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a process that was started by exec, over a WebSocket in the protocol {@code v4.channel.k8s.io}: each
 * message begins with the number of its stream.
 *
 * <p>Theory of operation: nothing is kept without a bound. We ask the socket for a message when there is room for it, so a
 * reader that is slow is slow all the way into the pod; a writer waits until the socket has taken what it wrote. That is why
 * this is not the client library's own exec, which queues up to 16 MB of each stream. Of the server's last word, the
 * process's exit status, we need only that it came: a stream that ends without has been cut.
 *
 * <p>INVARIANT: {@code lock} guards everything but {@code socket}; at most {@code MESSAGES} pieces wait in {@code inbox}.
 */
final class ExecChannel implements SandboxChannel, WebSocket.Listener {
    private static final byte STDIN = 0;
    private static final byte STDOUT = 1;
    private static final byte STDERR = 2;
    private static final byte STATUS = 3;

    /** Pieces of at most 16 KiB, the JDK's buffer, that may wait for the reader. */
    private static final int MESSAGES = 4;

    /** What one message carries; servers take far more, but it has to be whole before it is passed on. */
    private static final int PIECE = 32 << 10;

    private static final int TAIL = 512;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
    private final StringBuilder tail = new StringBuilder();
    private final StringBuilder status = new StringBuilder();
    private final PodWatch.Observer pod;
    private volatile @Nullable WebSocket socket;
    private byte stream = -1;
    private boolean ended;
    private @Nullable IOException failure;
    private CompletableFuture<@Nullable Void> sending = CompletableFuture.completedFuture(null);

    /** @param pod is closed with the channel */
    ExecChannel(PodWatch.Observer pod) {
        this.pod = pod;
    }

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        opened.request(MESSAGES);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        boolean more = true;
        lock.lock();
        try {
            if (stream < 0 && data.hasRemaining()) {
                stream = data.get();
            }
            if (data.hasRemaining()) {
                switch (stream) {
                    case STDOUT -> {
                        ByteBuffer copy = ByteBuffer.allocate(data.remaining());
                        inbox.add(copy.put(data).flip());
                        changed.signalAll();
                        more = false;
                    }
                    case STDERR -> keepTail(tail, UTF_8.decode(data).toString());
                    case STATUS -> keepTail(status, UTF_8.decode(data).toString());
                    default -> {}
                }
            }
            if (last) {
                stream = -1;
            }
        } finally {
            lock.unlock();
        }
        if (more) {
            from.request(1);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        end(null);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end(error);
    }

    /** Makes every blocked call fail, whatever the socket knows. */
    void fail(String why) {
        lock.lock();
        try {
            if (failure == null && !ended) {
                failure = new IOException(why);
            }
            // Nobody reads what is left; of a connection that breaks by itself it is the runner's last word.
            inbox.clear();
            release();
        } finally {
            lock.unlock();
        }
        abort();
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public String diagnostics() {
        lock.lock();
        try {
            return tail.toString();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        pod.close();
        fail("the sandbox is closed");
    }

    private void end(@Nullable Throwable error) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                if (status.isEmpty()) {
                    failure = new IOException("the connection to the sandbox broke", error);
                } else {
                    ended = true;
                    explainStart();
                }
            }
            release();
        } finally {
            lock.unlock();
        }
    }

    /** A command that could not even be started has said nothing itself. */
    private void explainStart() {
        try (JsonReader reader = Json.createReader(new StringReader(status.toString()))) {
            var last = reader.readObject();
            if ("InternalError".equals(last.getString("reason", ""))) {
                keepTail(tail, last.getString("message", ""));
            }
        } catch (JsonException | IllegalStateException | ClassCastException e) {
            System.getLogger(ExecChannel.class.getName())
                    .log(System.Logger.Level.DEBUG, "an unreadable exit status", e);
        }
    }

    private void release() {
        changed.signalAll();
        sending.completeExceptionally(new IOException("the sandbox is closed"));
    }

    private void abort() {
        WebSocket opened = socket;
        if (opened != null) {
            opened.abort();
        }
    }

    private static void keepTail(StringBuilder text, String more) {
        text.append(more);
        text.delete(0, Math.max(0, text.length() - TAIL));
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted", e);
    }

    private int take(byte[] bytes, int offset, int length) throws IOException {
        boolean more = false;
        int count;
        lock.lock();
        try {
            while (inbox.isEmpty() && !ended && failure == null) {
                changed.await();
            }
            ByteBuffer first = inbox.peek();
            if (first == null) {
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                return -1;
            }
            count = Math.min(length, first.remaining());
            first.get(bytes, offset, count);
            if (!first.hasRemaining()) {
                inbox.remove();
                more = true;
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
        WebSocket opened = socket;
        if (more && opened != null) {
            opened.request(1);
        }
        return count;
    }

    private void send(ByteBuffer message) throws IOException {
        WebSocket opened = socket;
        if (opened == null) {
            throw new IOException("the sandbox is not connected");
        }
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        lock.lock();
        try {
            if (failure != null || ended) {
                throw new IOException("the sandbox is closed", failure);
            }
            sending = sent;
        } finally {
            lock.unlock();
        }
        CompletableFuture<WebSocket> _ = opened.sendBinary(message, true).whenComplete((_, e) -> {
            if (e == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(e);
            }
        });
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IOException("the sandbox does not take its input", e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private final InputStream input = new InputStream() {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return length == 0 ? 0 : take(bytes, offset, length);
        }
    };

    private final OutputStream output = new OutputStream() {
        private final ByteBuffer piece = ByteBuffer.allocate(1 + PIECE).put(STDIN);

        @Override
        public synchronized void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int count = Math.min(piece.remaining(), length - done);
                piece.put(bytes, offset + done, count);
                done += count;
                if (!piece.hasRemaining()) {
                    flush();
                }
            }
        }

        @Override
        public synchronized void flush() throws IOException {
            if (piece.position() > 1) {
                try {
                    send(piece.flip());
                } finally {
                    piece.clear().put(STDIN);
                }
            }
        }

        @Override
        public void close() throws IOException {
            flush();
            ExecChannel.this.close();
        }
    };
}
