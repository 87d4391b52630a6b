package dev.codeinterpreter.spool;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The long strings of one body, one after the other in one file without a name. */
public final class Spool implements AutoCloseable {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final byte[] NONE = {};

    private final SpillFile file;
    /** Most bodies have no long string. */
    private byte[] buffer = NONE;

    private int buffered;
    private long length;

    /** Touches the disk only when something is written; {@code directory} is made when it is not there. */
    public Spool(Path directory, Account account) {
        this.file = new SpillFile(directory, account);
    }

    /** What our own disk does not give back. */
    public static ServiceException unreadable(IOException cause) {
        return new ServiceException(ErrorCode.INTERNAL, "a spooled request cannot be read", cause);
    }

    /** Starts the next text. */
    public SpoolWriter writer() {
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

    /**
     * Brings everything to the file; to be called before a text is read.
     *
     * @throws ServiceException STORAGE_FULL when it does not fit
     */
    public void flush() {
        drain();
        buffer = NONE;
    }

    /** Reads as {@link FileChannel#read(ByteBuffer, long)} does. */
    int read(ByteBuffer target, long position) throws IOException {
        return file.read(target, position);
    }

    @Override
    public void close() {
        file.close();
    }

    private void drain() {
        if (buffered > 0) {
            file.append(buffer, 0, buffered);
            buffered = 0;
        }
    }

    private void makeRoom() {
        if (buffer.length == 0) {
            buffer = new byte[BUFFER_BYTES];
        } else if (buffered == buffer.length) {
            drain();
        }
    }
}
