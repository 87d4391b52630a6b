package dev.codeinterpreter.spool;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import dev.codeinterpreter.storage.PrivateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file without a name that is opened by its first byte; its descriptor and its bytes are counted until it is closed. For
 * one thread at a time, but for reads.
 */
final class SpillFile implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SpillFile.class.getName());

    private final Path directory;
    private final Account account;
    /** Volatile: texts are read by other threads than the one that closes them. */
    private volatile @Nullable FileChannel channel;

    private long length;

    SpillFile(Path directory, Account account) {
        this.directory = directory;
        this.account = account;
    }

    boolean isOpen() {
        return channel != null;
    }

    /** Bytes appended so far. */
    long length() {
        return length;
    }

    /**
     * Appends all of {@code bytes}, or counts none of them.
     *
     * @throws ServiceException STORAGE_FULL when the account or the disk takes no more
     */
    void append(byte[] bytes, int offset, int count) {
        FileChannel target = open();
        account.take(count, length);
        try {
            ByteBuffer source = ByteBuffer.wrap(bytes, offset, count);
            while (source.hasRemaining()) {
                // At a position of ours: after half a write the next one overwrites that half.
                int _ = target.write(source, length + source.position() - offset);
            }
            length += count;
        } catch (IOException e) {
            account.release(count);
            throw noSpace(e);
        }
    }

    /** Reads as {@link FileChannel#read(ByteBuffer, long)} does. */
    int read(ByteBuffer target, long position) throws IOException {
        FileChannel opened = channel;
        if (opened == null) {
            throw new ClosedChannelException();
        }
        return opened.read(target, position);
    }

    /** Gives everything back; what is appended from now on goes to a new file. */
    @Override
    public void close() {
        FileChannel opened = channel;
        if (opened == null) {
            return;
        }
        channel = null;
        try {
            opened.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing a spool", e);
        }
        account.release(length);
        account.releaseFile();
        length = 0;
    }

    private FileChannel open() {
        FileChannel opened = channel;
        if (opened == null) {
            account.takeFile();
            try {
                opened = openUnlinked(directory);
            } catch (IOException e) {
                account.releaseFile();
                throw noSpace(e);
            }
            channel = opened;
        }
        return opened;
    }

    /**
     * A file that loses its name as soon as it is open, so that nobody else can open it and not even a killed service leaves
     * it behind; its blocks go back when it is closed. {@code directory} is made with mode 0700 when it is not there.
     */
    private static FileChannel openUnlinked(Path directory) throws IOException {
        Files.createDirectories(directory, PrivateDirectory.DIRECTORY_MODE);
        // On Unix the JDK unlinks a file that is to be deleted on close right after opening it.
        return FileChannel.open(
                directory.resolve(UUID.randomUUID() + ".spool"),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE),
                PrivateDirectory.FILE_MODE);
    }

    private static ServiceException noSpace(IOException cause) {
        return new ServiceException(ErrorCode.STORAGE_FULL, "No space is left for data of this size", cause);
    }
}
