package dev.codeinterpreter.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The content of a stored file: so many bytes from the beginning of something that may have more. For one thread at a time. */
public abstract class SizedStream extends InputStream {
    private final long size;
    private final Runnable onClose;
    private long position;
    private boolean closed;

    /**
     * @param size in bytes
     * @param onClose run once
     */
    protected SizedStream(long size, Runnable onClose) {
        this.size = size;
        this.onClose = onClose;
    }

    /**
     * Reads some of what is wanted, at {@code position}.
     *
     * @param length at least one
     * @return bytes read, at least one; -1 when there are fewer bytes than there are to be
     */
    protected abstract int readAt(long position, byte[] target, int offset, int length) throws IOException;

    /**
     * Nothing more is read; {@code onClose} is next, whatever this throws.
     *
     * @param whole whether all has been read
     */
    protected void end(boolean whole) throws IOException {}

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (closed) {
            throw new IOException("closed");
        }
        if (length == 0) {
            return 0;
        }
        if (position == size) {
            return -1;
        }
        int count = readAt(position, target, offset, (int) Math.min(length, size - position));
        position += Math.max(0, count);
        return count;
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            end(position == size);
        } catch (IOException e) {
            // Nothing is read from it any more.
        } finally {
            onClose.run();
        }
    }

    /** Of the bytes that are to come. */
    protected final long left() {
        return size - position;
    }
}
