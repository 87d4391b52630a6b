package dev.codeinterpreter.execution;

import dev.codeinterpreter.wire.JsonOutput;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a streaming client has not been sent yet, and when it is due. Small writes of a program are put together: after
 * an event of a stream the next one waits 10 ms, unless 32 KiB have come together before; so the first output leaves at
 * once and a flood of single bytes is not a flood of events.
 *
 * <p>INVARIANT: {@code lock} guards everything. One thread calls {@link #next}, another everything else.
 */
final class PendingEvents {
    enum Stream {
        STDOUT,
        STDERR
    }

    private static final long PAUSE = Duration.ofMillis(10).toNanos();
    private static final int LARGEST_EVENT = 32 << 10;

    /** Proxies cut a connection that is silent for long; a comment keeps it. */
    private static final long SILENCE = Duration.ofSeconds(15).toNanos();

    private static final String COMMENT = ": still running\n\n";

    /** With it the answer's head leaves, so that a client knows at once that its program runs, however silent that is. */
    static final String GREETING = ": running\n\n";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Stream, Piece> pieces = new EnumMap<>(Stream.class);
    private long lastEvent = System.nanoTime();
    private @Nullable String last;
    private boolean ended;
    private Runnable onEnd = () -> {};

    PendingEvents() {
        for (Stream stream : Stream.values()) {
            pieces.put(stream, new Piece());
        }
    }

    void output(Stream stream, byte[] bytes) {
        lock.lock();
        try {
            piece(stream).text.append(piece(stream).decoder.decode(bytes));
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes after this event. */
    void end(String type, String data) {
        Runnable action;
        lock.lock();
        try {
            pieces.values().forEach(piece -> piece.text.append(piece.decoder.end()));
            last = event(type, data);
            action = onEnd;
            changed.signal();
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Calls {@code action} once when the last event is known, at once when it already is. */
    void onEnd(Runnable action) {
        lock.lock();
        try {
            if (last == null) {
                onEnd = action;
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Waits for the next event that is due; empty after the last one. */
    String next() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                long now = System.nanoTime();
                long wait = lastEvent + SILENCE - now;
                for (Map.Entry<Stream, Piece> entry : pieces.entrySet()) {
                    long due = entry.getValue().dueIn(now, last != null);
                    if (due <= 0) {
                        lastEvent = now;
                        return entry.getValue().take(entry.getKey(), now);
                    }
                    wait = Math.min(wait, due);
                }
                if (last != null) {
                    if (ended) {
                        return "";
                    }
                    ended = true;
                    return last;
                }
                if (wait <= 0) {
                    lastEvent = now;
                    return COMMENT;
                }
                long left = changed.awaitNanos(wait);
                assert left <= wait;
            }
        } finally {
            lock.unlock();
        }
    }

    private Piece piece(Stream stream) {
        return java.util.Objects.requireNonNull(pieces.get(stream));
    }

    private static String event(String type, String json) {
        // Legal in JSON, but some clients take them for ends of lines, and there the event would end.
        String data =
                json.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\u0085", "\\u0085");
        return "event: " + type + "\ndata: " + data + "\n\n";
    }

    /** One stream's text. */
    private static final class Piece {
        private final TextDecoder decoder = new TextDecoder();
        private final StringBuilder text = new StringBuilder();
        private long lastTaken = System.nanoTime() - PAUSE;

        /** Nanoseconds until the text should leave; a long time when there is none. */
        long dueIn(long now, boolean atEnd) {
            if (text.isEmpty()) {
                return TimeUnit.DAYS.toNanos(1);
            }
            return atEnd || text.length() >= LARGEST_EVENT ? 0 : lastTaken + PAUSE - now;
        }

        String take(Stream stream, long now) {
            int length = Math.min(text.length(), LARGEST_EVENT);
            if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
                length--;
            }
            String data = text.substring(0, length);
            text.delete(0, length);
            lastTaken = now;
            return event(
                    "output", JsonOutput.toJson(new OutputEvent(stream.name().toLowerCase(Locale.ROOT), data)));
        }
    }
}
