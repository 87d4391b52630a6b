package dev.codeinterpreter.spool;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Bytes that are first written and then read, however many: up to 64 KiB are in the heap while there is room for them, what
 * is more goes to a file without a name. For one thread at a time.
 */
public final class SpillBuffer implements AutoCloseable {
    /** What is written to the file at once. */
    private static final int WRITE_BYTES = 8 * 1024;

    private final HeapBuffer buffer;
    private final SpillFile file;
    private int buffered;

    /** Touches the disk only when there is much; {@code directory} is made when it is not there. */
    public SpillBuffer(Path directory, Account account) {
        this.buffer = new HeapBuffer(account.heap());
        this.file = new SpillFile(directory, account);
    }

    /** Bytes written so far. */
    public long length() {
        return file.length() + buffered;
    }

    /**
     * Appends. When it fails, a beginning of {@code bytes} may have been appended.
     *
     * @throws ServiceException STORAGE_FULL when the account or the disk takes no more
     */
    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    /** The same for {@code length} of {@code bytes}. */
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        while (from < offset + length) {
            makeRoom();
            int count = Math.min(offset + length - from, buffer.capacity() - buffered);
            System.arraycopy(bytes, from, buffer.bytes(), buffered, count);
            buffered += count;
            from += count;
        }
    }

    /** Appends what is written to it, as {@link #write} does; closing it does nothing. */
    public OutputStream sink() {
        return new OutputStream() {
            @Override
            public void write(int b) {
                SpillBuffer.this.write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                SpillBuffer.this.write(bytes, offset, length);
            }
        };
    }

    /**
     * Appends what {@code source} has, as it comes.
     *
     * @throws ServiceException as {@link #write}
     */
    public void receive(InputStream source) throws IOException {
        while (true) {
            makeRoom();
            int count = source.read(buffer.bytes(), buffered, buffer.capacity() - buffered);
            if (count < 0) {
                return;
            }
            buffered += count;
        }
    }

    /** What was written, from its beginning; nothing is to be written from now on. */
    public InputStream open() {
        return open(0, length());
    }

    /** A part of what was written, which is all there; nothing is to be written from now on. */
    public InputStream open(long from, long length) {
        Objects.checkFromIndexSize(from, length, length());
        long inFile = Math.clamp(file.length() - from, 0, length);
        int heapFrom = (int) Math.max(0, from - file.length());
        InputStream inHeap = new ByteArrayInputStream(buffer.bytes(), heapFrom, (int) (length - inFile));
        return inFile == 0 ? inHeap : new SequenceInputStream(new FileSlice(file::read, from, inFile), inHeap);
    }

    @Override
    public void close() {
        buffered = 0;
        buffer.release();
        file.close();
    }

    private void makeRoom() {
        if (buffered < buffer.capacity() || (!file.isOpen() && buffer.grow())) {
            return;
        }
        file.append(buffer.bytes(), 0, buffered);
        buffered = 0;
        buffer.reset(WRITE_BYTES);
    }
}
