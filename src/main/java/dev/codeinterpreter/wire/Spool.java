package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The long strings of one body, one after the other in one file. The file loses its name as soon as it is open, so that
 * nobody else can open it and not even a killed service leaves it behind; its blocks go back when it is closed.
 */
final class Spool implements AutoCloseable {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final Path directory;
    private @Nullable FileChannel file;
    private final byte[] buffer = new byte[BUFFER_BYTES];
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
        if (buffered == buffer.length) {
            flush();
        }
        buffer[buffered++] = value;
        length++;
    }

    /** Writes characters below 0x80; gives the index of the first that is not, or {@code to}. */
    int writeAscii(char[] characters, int from, int to) {
        int i = from;
        while (i < to && characters[i] < 0x80) {
            if (buffered == buffer.length) {
                flush();
            }
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

    private FileChannel open() throws IOException {
        FileChannel channel = file;
        if (channel == null) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            // On Unix the JDK unlinks a file that is to be deleted on close right after opening it.
            channel = FileChannel.open(
                    directory.resolve(UUID.randomUUID() + ".spool"),
                    Set.of(
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            file = channel;
        }
        return channel;
    }
}
