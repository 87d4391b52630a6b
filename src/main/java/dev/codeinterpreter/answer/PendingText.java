package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.SpillQueue;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Text of a stream that a client has not been sent yet. It is taken in whole characters; from the first byte on for which
 * there is no room it is cut. The caller guards it by a lock.
 */
final class PendingText extends OutputStream {
    private static final System.Logger LOG = System.getLogger(PendingText.class.getName());

    /** Between two events of one stream, so that a program that writes by the byte does not make an event of each. */
    private static final long PAUSE = Duration.ofMillis(10).toNanos();

    private final SpillQueue queue;
    private final Utf8Decoder decoder = new Utf8Decoder();
    private long lastTaken = System.nanoTime() - PAUSE;
    private boolean cut;
    private long written;
    private long taken;

    /** Closes what it is given. */
    PendingText(SpillQueue queue) {
        this.queue = queue;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        write(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    @Override
    public void write(byte[] bytes) {
        if (cut) {
            return;
        }
        try {
            queue.write(bytes);
            written += bytes.length;
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "the output of a stream is cut: {0}", e.getMessage());
            cut = true;
        }
    }

    boolean isCut() {
        return cut;
    }

    /** Bytes so far. */
    long written() {
        return written;
    }

    /** Bytes so far, with those of a character that is not whole. */
    long taken() {
        return taken;
    }

    /** An event with text of it leaves. */
    void markTaken(long now) {
        lastTaken = now;
    }

    /** Nanoseconds until the text should leave; a long time when there is none. */
    long dueIn(long now, boolean atEnd) {
        if (queue.length() == 0) {
            return atEnd && decoder.isInsideCharacter() ? 0 : TimeUnit.DAYS.toNanos(1);
        }
        return atEnd || queue.length() >= PendingEvents.MAX_EVENT_BYTES ? 0 : lastTaken + PAUSE - now;
    }

    /** The text of the next bytes, of whole characters; empty when none are whole. */
    String take(int most, boolean atEnd) {
        byte[] bytes = queue.take(most);
        taken += bytes.length;
        String text = decoder.decode(bytes).toString();
        return atEnd && queue.length() == 0 && decoder.isInsideCharacter() ? text + decoder.end() : text;
    }

    @Override
    public void close() {
        queue.close();
    }
}
