package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The long strings of one body, one after the other in one file without a name. */
final class Spool implements AutoCloseable {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final byte[] NONE = {};

    private final Path directory;
    private @Nullable FileChannel file;
    /** Most bodies have no long string. */
    private byte[] buffer = NONE;

    private int buffered;
    private long length;

    /** Touches the disk only when something is written; {@code directory} is made when it is not there. */
    Spool(Path directory) {
        this.directory = directory;
    }

    /** Starts the next text. */
    SpoolWriter writer() {
        return new SpoolWriter(this);
    }

    /** Bytes written so far: where the next text begins. */
    long length() {
        return length;
    }

    void write(byte value) {
        makeRoom();
        buffer[buffered++] = value;
        length++;
    }

    /** Writes characters below 0x80; gives the index of the first that is not, or {@code to}. */
    int writeAscii(char[] characters, int from, int to) {
        int i = from;
        while (i < to && characters[i] < 0x80) {
            makeRoom();
            int stop = Math.min(to, i + buffer.length - buffered);
            while (i < stop && characters[i] < 0x80) {
                buffer[buffered++] = (byte) characters[i++];
            }
        }
        length += i - from;
        return i;
    }

    /** Brings everything to the file; to be called before a text is read. */
    void flush() {
        if (buffered == 0) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, buffered);
        try {
            FileChannel channel = open();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.STORAGE_FULL, "No space is left for a request body of this size", e);
        }
        buffered = 0;
    }

    /** Reads as {@link FileChannel#read(ByteBuffer, long)} does. */
    int read(ByteBuffer target, long position) throws IOException {
        return open().read(target, position);
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            System.getLogger(Spool.class.getName()).log(System.Logger.Level.WARNING, "closing a spooled body", e);
        }
    }

    private void makeRoom() {
        if (buffer.length == 0) {
            buffer = new byte[BUFFER_BYTES];
        } else if (buffered == buffer.length) {
            flush();
        }
    }

    private FileChannel open() throws IOException {
        FileChannel channel = file;
        if (channel == null) {
            channel = UnlinkedFile.open(directory);
            file = channel;
        }
        return channel;
    }
}
