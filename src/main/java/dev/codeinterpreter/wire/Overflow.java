package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are first written and then read, however many: a few KB are in the heap, what is more goes to a file without
 * a name. For one thread at a time.
 */
public final class Overflow implements AutoCloseable {
    private static final int FIRST_BYTES = 512;
    /** A hundred thousand of them would still not fill a heap that has room for anything else. */
    private static final int MOST_BYTES = 8 * 1024;

    private final Path directory;
    private byte[] buffer = new byte[FIRST_BYTES];
    private int buffered;
    private @Nullable FileChannel file;
    private long length;

    /** Touches the disk only when there is much; {@code directory} is made when it is not there. */
    public Overflow(Path directory) {
        this.directory = directory;
    }

    /** Bytes written so far. */
    public long length() {
        return length;
    }

    /**
     * Appends.
     *
     * @throws ServiceException STORAGE_FULL when the disk takes no more
     */
    public void write(byte[] bytes) {
        int from = 0;
        while (from < bytes.length) {
            makeRoom();
            int count = Math.min(bytes.length - from, buffer.length - buffered);
            System.arraycopy(bytes, from, buffer, buffered, count);
            take(count);
            from += count;
        }
    }

    /** Appends what {@code source} has, as it comes. */
    void receive(InputStream source) throws IOException {
        while (true) {
            makeRoom();
            int count = source.read(buffer, buffered, buffer.length - buffered);
            if (count < 0) {
                return;
            }
            take(count);
        }
    }

    /** What was written, from its beginning; nothing is to be written from now on. */
    public InputStream open() {
        FileChannel channel = file;
        if (channel == null) {
            return new ByteArrayInputStream(buffer, 0, buffered);
        }
        spill();
        return new FileSlice(channel::read, 0, length);
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            System.getLogger(Overflow.class.getName()).log(System.Logger.Level.WARNING, "closing a spool", e);
        }
    }

    private void take(int count) {
        buffered += count;
        length += count;
    }

    private void makeRoom() {
        if (buffered < buffer.length) {
            return;
        }
        if (buffer.length < MOST_BYTES) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        } else {
            spill();
        }
    }

    private void spill() {
        try {
            FileChannel channel = file;
            if (channel == null) {
                channel = UnlinkedFile.open(directory);
                file = channel;
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, buffered);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            buffered = 0;
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.STORAGE_FULL, "No space is left for data of this size", e);
        }
    }
}
