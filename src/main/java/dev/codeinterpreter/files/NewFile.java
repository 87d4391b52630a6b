package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import java.io.OutputStream;
import java.util.function.LongConsumer;

/**
 * A file on its way into the store. Only {@link #commit} puts it there; closing it without discards everything. For one
 * thread at a time.
 */
public final class NewFile extends OutputStream {
    private final FileBackend.Upload upload;
    private final long maxBytes;
    private final LongConsumer limit;
    private final Runnable whenDone;
    private long size;
    /** From its first byte to its place in the store. */
    private final Span span = Tracing.current().child("store.write");

    private boolean done;

    /**
     * @param limit throws when its owner must not store that many bytes more
     * @param whenDone is called once, when the file is in the store or discarded
     */
    NewFile(FileBackend.Upload upload, long maxBytes, LongConsumer limit, Runnable whenDone) {
        this.upload = upload;
        this.maxBytes = maxBytes;
        this.limit = limit;
        this.whenDone = whenDone;
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
        if (size + length > maxBytes) {
            throw tooLarge(maxBytes);
        }
        limit.accept(length);
        upload.write(bytes, offset, length);
        size += length;
    }

    /** Whether {@link #sendPart} would do something. */
    public boolean hasPart() {
        return upload.hasPart();
    }

    /**
     * Sends the whole parts of what has gathered on this host to a store elsewhere, and waits for that. For a writer that is
     * done within minutes: the file counts as stored from then on, when it is committed.
     *
     * @throws ServiceException when the store does not answer; nothing is left when this is closed
     */
    public void sendPart() {
        upload.sendPart();
    }

    /**
     * Puts the file into the store, whole and under its new id.
     *
     * @throws ServiceException STORAGE_FULL when there is no place for it; nothing is stored then
     */
    public StoredFile commit() {
        if (done) {
            throw new IllegalStateException("the file has been committed or closed");
        }
        done = true;
        try (span) {
            StoredFile file = upload.commit();
            span.set("code_interpreter.bytes", size);
            return file;
        } finally {
            whenDone.run();
        }
    }

    /** Discards the file, unless it was committed. */
    @Override
    public void close() {
        if (!done) {
            done = true;
            try (span) {
                upload.discard();
            } finally {
                whenDone.run();
            }
        }
    }

    /** What is answered about a file of more than {@code maxBytes} bytes. */
    public static ServiceException tooLarge(long maxBytes) {
        return new ServiceException(
                ErrorCode.TOO_LARGE, "File size exceeds maximum of %d MB".formatted(maxBytes >> 20));
    }
}
