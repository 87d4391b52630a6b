package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ServiceException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;

/**
 * Where a {@link FileStore} keeps its files. What was committed is there as a whole until it is deleted or reaped, and
 * nothing else ever is. Expiry and the limit of one file are the store's business. All methods may be called from any
 * thread, and throw {@link ServiceException}: STORAGE_FULL over a limit, {@code STORAGE_UNAVAILABLE} when what is below
 * does not answer in time, INTERNAL when it is broken.
 */
public interface FileBackend extends AutoCloseable {

    /** A file that arrives. For one thread at a time. */
    interface Upload {
        /** Appends; the buffer is the caller's again afterwards. */
        void write(byte[] bytes, int offset, int length);

        /** Whether so much has gathered on this host that it is worth sending. */
        default boolean hasPart() {
            return false;
        }

        /**
         * Sends the whole parts of what has gathered, and waits for that. For a writer that is done within minutes, as the file's
         * time is that of its first part then. Without it {@link #commit} sends all.
         */
        default void sendPart() {}

        /** Puts the file into the store, or leaves nothing and throws. Called once at most, and not after {@link #discard}. */
        StoredFile commit();

        /** Leaves nothing. Does not throw; called once at most, and not after a {@link #commit} that returned. */
        void discard();
    }

    /** What is stored, of all processes that share the store, and arriving at this one. It may be a minute old. */
    record Usage(long files, long bytes) {}

    /** Begins a file. */
    Upload create(Owner owner, String name);

    /** The file, unless it is not there or belongs to another. */
    Optional<StoredFile> find(Owner owner, FileId id);

    /** Its content, which stays readable to its end whatever happens to the file. The caller closes it. */
    Optional<StoredContent> open(Owner owner, FileId id);

    /** False when there was none. */
    boolean delete(Owner owner, FileId id);

    /** The owner's files, the newest first, or those older than {@code after}; read while it is iterated. */
    Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after);

    /** Deletes what was uploaded at {@code until} or before, and the rests of uploads that were cut; gives the number. */
    int reap(Instant until);

    /** From memory. */
    Usage usage();

    /** An owner's share of it, from memory. Of files, those that are stored. */
    Usage usage(Owner owner);

    @Override
    void close();
}
