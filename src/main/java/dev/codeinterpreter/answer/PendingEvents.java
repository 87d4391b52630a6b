package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.ByteBudget;
import dev.codeinterpreter.wire.JsonOutput;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a streaming client has not been sent yet, and when it is due. Small writes of a program are put together: after
 * an event of a stream the next one waits 10 ms, unless 32 KiB have come together before; so the first output leaves at
 * once and a flood of single bytes is not a flood of events.
 *
 * <p>What waits is kept as the bytes that the program wrote, in the heap as far as all streams together have room there,
 * else on disk. Output for which there is no room is dropped from its first such byte on, and {@link #isCut} says so. The
 * event that a client is being sent is in the heap too, several times as long as its bytes; when many clients do not read,
 * further events are small.
 *
 * <p>INVARIANT: {@code lock} guards everything. One thread calls {@link #next} and at last {@link #close}, another
 * everything else.
 */
final class PendingEvents implements AutoCloseable {
    enum Stream {
        STDOUT,
        STDERR
    }

    /** Bytes of output in one event. */
    static final int MAX_EVENT_BYTES = 32 << 10;
    /** Of an event for which the budget has no room. */
    private static final int SMALL_EVENT_BYTES = 1 << 10;
    /** A control character takes six in JSON, once in the event and once in what the web server writes. */
    private static final int HEAP_PER_BYTE = 12;

    private static final byte[] BEGIN_DISPLAY = "event: display\ndata: ".getBytes(UTF_8);
    static final byte[] END_OF_EVENT = "\n\n".getBytes(UTF_8);

    private static final String COMMENT = ": still running\n\n";

    private static final String PROBE = ":\n\n";

    /** With it the answer's head leaves, so that a client knows at once that its program runs, however silent that is. */
    static final String GREETING = ": running\n\n";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Stream, PendingText> pieces = new EnumMap<>(Stream.class);
    private final SpoolDirectory spool;
    private final ByteBudget heap;
    private final long keepAliveNanos;
    /** What is shown and not sent: each as a whole event, which leaves when what was put out before it has. */
    private final Deque<Shown> shown = new ArrayDeque<>();

    private final PendingText shownText;
    /** Bytes of the event of something shown whose beginning is sent. */
    private long shownLeft;

    private long lastEvent = System.nanoTime();
    /** The rest of the last event, once that is known. */
    private @Nullable PendingText last;
    /** Bytes of the heap taken for the event that {@link #next} gave last. */
    private long charged;
    /** For the one before it, which is written but may still be on its way. */
    private long chargedBefore;

    private boolean probing;
    private boolean closed;
    private Runnable onEnd = () -> {};

    /**
     * @param length of the event, in bytes
     * @param before bytes of each stream that come before it
     */
    private record Shown(long length, Map<Stream, Long> before) {}

    /** @param keepAlive silence after which a comment is due: proxies cut a connection that is silent for long */
    PendingEvents(SpoolDirectory spool, Duration keepAlive) {
        this.spool = spool;
        this.keepAliveNanos = keepAlive.toNanos();
        this.heap = spool.outputs().heap();
        for (Stream stream : Stream.values()) {
            pieces.put(stream, new PendingText(spool.queue()));
        }
        shownText = new PendingText(spool.queue());
    }

    /** Something shown, as JSON on one line. What there is no room for is left out. */
    void show(SpillBuffer json) throws IOException {
        lock.lock();
        try (InputStream data = json.open()) {
            long start = shownText.written();
            shownText.write(BEGIN_DISPLAY);
            data.transferTo(shownText);
            shownText.write(END_OF_EVENT);
            if (!shownText.isCut() && !closed) {
                Map<Stream, Long> before = new EnumMap<>(Stream.class);
                pieces.forEach((stream, piece) -> before.put(stream, piece.written()));
                shown.add(new Shown(shownText.written() - start, before));
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void output(Stream stream, byte[] bytes) {
        lock.lock();
        try {
            piece(stream).write(bytes);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A comment is next, unless the end is: writing it shows whether the client is there. */
    void probe() {
        lock.lock();
        try {
            probing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Whether some of a stream's output was dropped. */
    boolean isCut(Stream stream) {
        lock.lock();
        try {
            return piece(stream).isCut();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes after this event; when there is no room for it, an error takes its place. */
    void end(String type, String data) {
        end(spool -> LastEvent.of(spool, type, data));
    }

    /**
     * The same with a result that has the list of what was shown as its last member; an empty list when there is no room
     * for the whole one.
     */
    void end(JsonObject result, ShownResults results) {
        end(spool -> LastEvent.of(spool, result, results));
    }

    private void end(Function<SpoolDirectory, PendingText> event) {
        Runnable action;
        lock.lock();
        try {
            last = event.apply(spool);
            if (closed) {
                last.close();
            }
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

    /** Waits for the next event that is due, or for the next part of the last one; empty after that. */
    String next() throws InterruptedException {
        lock.lock();
        try {
            heap.release(chargedBefore);
            chargedBefore = charged;
            charged = 0;
            while (true) {
                long now = System.nanoTime();
                if (shownLeft > 0) {
                    lastEvent = now;
                    return charge(takeShown());
                }
                if (probing && last == null) {
                    probing = false;
                    lastEvent = now;
                    return PROBE;
                }
                long wait = lastEvent + keepAliveNanos - now;
                Shown next = shown.peek();
                boolean isNext = next != null;
                for (Map.Entry<Stream, PendingText> entry : pieces.entrySet()) {
                    PendingText piece = entry.getValue();
                    long most = next == null ? Long.MAX_VALUE : leftBefore(next, entry.getKey());
                    if (most <= 0) {
                        continue;
                    }
                    isNext = false;
                    long due = next == null ? piece.dueIn(now, last != null) : 0;
                    String text = due <= 0 ? piece.take((int) Math.min(eventBytes(), most), last != null) : "";
                    if (!text.isEmpty()) {
                        piece.markTaken(now);
                        lastEvent = now;
                        return charge(output(entry.getKey(), text));
                    }
                    // Half of a character is not due before its other half.
                    wait = due <= 0 ? wait : Math.min(wait, due);
                }
                if (next != null) {
                    if (isNext) {
                        shown.remove();
                        shownLeft = next.length();
                    }
                    continue;
                }
                if (last != null) {
                    return charge(last.take(eventBytes(), true));
                }
                if (wait <= 0) {
                    lastEvent = now;
                    return COMMENT;
                }
                heap.release(charged);
                charged = 0;
                long _ = changed.awaitNanos(wait);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what has not been sent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            heap.release(charged + chargedBefore);
            charged = 0;
            chargedBefore = 0;
            pieces.values().forEach(piece -> piece.close());
            shown.clear();
            shownLeft = 0;
            shownText.close();
            if (last != null) {
                last.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of a stream that are to leave before this. */
    private long leftBefore(Shown next, Stream stream) {
        return next.before().getOrDefault(stream, 0L) - piece(stream).taken();
    }

    /** The next part of the event that has begun. */
    private String takeShown() {
        StringBuilder part = new StringBuilder();
        while (part.isEmpty() && shownLeft > 0) {
            long before = shownText.taken();
            part.append(shownText.take((int) Math.min(eventBytes(), shownLeft), false));
            // The queue may give fewer bytes than were asked for.
            shownLeft -= shownText.taken() - before;
        }
        return part.toString();
    }

    /** Bytes that the next event may have; the heap for it is taken. */
    private int eventBytes() {
        if (charged > 0) {
            return MAX_EVENT_BYTES;
        }
        long worst = (long) HEAP_PER_BYTE * MAX_EVENT_BYTES;
        if (!heap.tryTake(worst)) {
            return SMALL_EVENT_BYTES;
        }
        charged = worst;
        return MAX_EVENT_BYTES;
    }

    /** Keeps of what is taken what the event needs. */
    private String charge(String event) {
        long needed = Math.min(charged, 2L * event.length());
        heap.release(charged - needed);
        charged = needed;
        return event;
    }

    private PendingText piece(Stream stream) {
        return requireNonNull(pieces.get(stream));
    }

    private static String output(Stream stream, String text) {
        return event("output", JsonOutput.toJson(new OutputEvent(stream.name().toLowerCase(Locale.ROOT), text)));
    }

    /** An event whose data is on one line. */
    static String event(String type, String json) {
        return "event: " + type + "\ndata: " + OneLineWriter.escape(json) + "\n\n";
    }
}
