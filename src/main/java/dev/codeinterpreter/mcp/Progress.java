package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.Printable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client hears of a run while it goes on: the last line of its output, twice a second at most, and that it still
 * runs after ten seconds of silence, which makes clients wait on. Nothing piles up: what was not sent is forgotten.
 *
 * <p>INVARIANT: {@code lock} guards everything.
 */
final class Progress {
    private static final int MAX_MESSAGE_LENGTH = 200;
    /** Of UTF-8, for so many characters. */
    private static final int KEPT_BYTES = 4 * MAX_MESSAGE_LENGTH;

    private static final String COMMENT = ":\n\n";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final String token;
    private final long intervalNanos;
    private final long silenceNanos;
    private final long start = System.nanoTime();
    private long last;
    private long reported = -1;
    private byte[] tail = {};
    private boolean hasNews;
    private boolean probing;
    private boolean ended;

    /** @param token as JSON */
    Progress(String token, Duration interval, Duration silence) {
        this.token = token;
        this.intervalNanos = interval.toNanos();
        this.silenceNanos = silence.toNanos();
        this.last = start - intervalNanos;
    }

    void output(byte[] bytes) {
        lock.lock();
        try {
            byte[] both = Arrays.copyOf(tail, tail.length + Math.min(bytes.length, KEPT_BYTES));
            int count = both.length - tail.length;
            System.arraycopy(bytes, bytes.length - count, both, tail.length, count);
            tail = Arrays.copyOfRange(both, Math.max(0, both.length - KEPT_BYTES), both.length);
            hasNews = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A comment is next: writing it shows whether the client is there. */
    void probe() {
        lock.lock();
        try {
            probing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The run has ended. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something to send; empty when the run has ended. */
    Optional<String> next() throws InterruptedException {
        lock.lock();
        try {
            while (!ended) {
                if (probing && reported >= 0) {
                    probing = false;
                    return Optional.of(COMMENT);
                }
                long now = System.nanoTime();
                long silentSince = reported < 0 ? start : last;
                long due = hasNews ? last + intervalNanos : silentSince + silenceNanos;
                if (due - now <= 0) {
                    return Optional.of(event(now));
                }
                long _ = changed.awaitNanos(due - now);
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private String event(long now) {
        last = now;
        reported = Math.max(reported + 1, Duration.ofNanos(now - start).toMillis());
        hasNews = false;
        return MessageStream.event(Envelope.progress(token, reported, lastLine()));
    }

    private String lastLine() {
        String text = new String(tail, UTF_8).stripTrailing();
        String line = text.substring(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
                .strip();
        return Printable.cut(line.substring(Math.max(0, line.length() - MAX_MESSAGE_LENGTH)));
    }
}
