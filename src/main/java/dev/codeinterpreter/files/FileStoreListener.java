package dev.codeinterpreter.files;

import java.time.Duration;

/** Hears of each operation on the store. */
public interface FileStoreListener {
    /** What is counted apart. */
    enum Operation {
        CREATE,
        WRITE,
        COMMIT,
        FIND,
        OPEN,
        DELETE,
        LIST,
        REAP
    }

    /** Does nothing. */
    FileStoreListener NONE = (storage, operation, took, failed, bytes) -> {};

    /**
     * After an operation.
     *
     * @param storage a value of FILE_STORAGE
     * @param failed by a fault of the store, not by a limit of it
     * @param bytes written, or of the file that was opened; otherwise 0
     */
    void done(FileStorage storage, Operation operation, Duration took, boolean failed, long bytes);
}
