package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A file on its way into the store. Only {@link #commit} puts it there; closing it without discards everything. For one
 * thread at a time.
 */
public final class NewFile extends OutputStream {
    private final FileStore store;
    private final FileId id;
    private final Owner owner;
    private final String name;
    private final long most;
    private final OutputStream content;
    private long size;
    private boolean done;

    NewFile(FileStore store, FileId id, Owner owner, String name, long most, OutputStream content) {
        this.store = store;
        this.id = id;
        this.owner = owner;
        this.name = name;
        this.most = most;
        this.content = content;
    }

    /** Bytes written so far. */
    public long size() {
        return size;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /**
     * Appends to the file.
     *
     * @throws ServiceException TOO_LARGE over MAX_FILE_SIZE_MB, STORAGE_FULL over FILE_STORAGE_MAX_MB or on a full disk
     */
    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (size + length > most) {
            throw tooLarge(most);
        }
        store.takeBytes(owner, length);
        size += length;
        try {
            content.write(bytes, offset, length);
        } catch (IOException e) {
            throw FileStore.noSpace(e);
        }
    }

    /**
     * Puts the file into the store, whole and under its new id.
     *
     * @throws ServiceException STORAGE_FULL on a full disk; nothing is stored then
     */
    public StoredFile commit() {
        if (done) {
            throw new IllegalStateException("file %s has been committed or closed".formatted(id));
        }
        try {
            content.close();
            StoredFile file = store.publish(id, owner, name, size);
            done = true;
            return file;
        } catch (IOException e) {
            close();
            throw FileStore.noSpace(e);
        }
    }

    /** Discards the file, unless it was committed. */
    @Override
    public void close() {
        if (done) {
            return;
        }
        done = true;
        try {
            content.close();
        } catch (IOException e) {
            // It is deleted in any case.
        }
        store.discard(id, owner, name, size);
    }

    /** What is answered about a file of more than {@code most} bytes. */
    public static ServiceException tooLarge(long most) {
        return new ServiceException(ErrorCode.TOO_LARGE, "File size exceeds maximum of %d MB".formatted(most >> 20));
    }
}
