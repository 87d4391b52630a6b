package dev.codeinterpreter.spool;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Bytes that are read in the order in which they are written, while they are written. What waits is in the heap up to 64
 * KiB while there is room for it, and behind that in a file without a name, which ends as soon as it has been read. The
 * caller guards it by a lock.
 */
public final class SpillQueue implements AutoCloseable {
    private static final byte[] NONE = {};

    private final HeapBuffer head;
    private int from;
    private int to;
    /** INVARIANT: its bytes come after those of the head, which gets no more while there are some. */
    private final SpillFile tail;

    private long read;
    private boolean closed;

    SpillQueue(Path directory, Account account) {
        this.head = new HeapBuffer(account.heap());
        this.tail = new SpillFile(directory, account);
    }

    /** Bytes that wait. */
    public long length() {
        return to - from + tail.length() - read;
    }

    /**
     * Appends; when it fails, a beginning of {@code bytes} may have been appended. A closed queue forgets them.
     *
     * @throws ServiceException STORAGE_FULL when the account or the disk takes no more
     */
    public void write(byte[] bytes) {
        if (closed) {
            return;
        }
        int inHead = tail.isOpen() ? 0 : makeRoom(bytes.length);
        System.arraycopy(bytes, 0, head.bytes(), to, inHead);
        to += inHead;
        if (inHead < bytes.length) {
            tail.append(bytes, inHead, bytes.length - inHead);
        }
    }

    /** The next bytes, at most {@code most}; none when none wait. */
    public byte[] take(int most) {
        if (from < to) {
            int count = Math.min(most, to - from);
            byte[] taken = Arrays.copyOfRange(head.bytes(), from, from + count);
            from += count;
            if (from == to) {
                from = 0;
                to = 0;
                head.release();
            }
            return taken;
        }
        return tail.isOpen() ? takeFromTail(most) : NONE;
    }

    /** Forgets what waits and what will be written. */
    @Override
    public void close() {
        closed = true;
        from = 0;
        to = 0;
        read = 0;
        head.release();
        tail.close();
    }

    private byte[] takeFromTail(int most) {
        byte[] taken = new byte[(int) Math.min(most, tail.length() - read)];
        ByteBuffer target = ByteBuffer.wrap(taken);
        try {
            while (target.hasRemaining()) {
                if (tail.read(target, read + target.position()) < 0) {
                    throw new IOException("a spooled output is shorter than it was");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        read += taken.length;
        if (read == tail.length()) {
            read = 0;
            tail.close();
        }
        return taken;
    }

    /** Makes room for {@code wanted} bytes at the end of the head, or for as many as it may have; gives their number. */
    private int makeRoom(int wanted) {
        if (from > 0) {
            System.arraycopy(head.bytes(), from, head.bytes(), 0, to - from);
            to -= from;
            from = 0;
        }
        while (head.capacity() - to < wanted && head.grow()) {
            // Each step doubles it.
        }
        return Math.min(wanted, head.capacity() - to);
    }
}
