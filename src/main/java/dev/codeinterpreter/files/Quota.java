package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes and the files of the store. INVARIANT: what is written was taken here before, so that uploads that
 * run at the same time cannot pass the limit together; what is taken is given back exactly once.
 */
final class Quota {
    /** The index keeps about 300 bytes of heap for each file. */
    private static final int MOST_FILES = 100_000;

    private final long mostBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong files = new AtomicLong();

    Quota(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    void takeFile() {
        if (files.incrementAndGet() > MOST_FILES) {
            files.decrementAndGet();
            throw full("Stored files exceed maximum of %d files".formatted(MOST_FILES));
        }
    }

    void takeBytes(long count) {
        if (bytes.addAndGet(count) > mostBytes) {
            bytes.addAndGet(-count);
            throw full("Stored files exceed maximum of %d MB".formatted(mostBytes >> 20));
        }
    }

    /** Counts a file that is there already, over the limit or not. */
    void found(long size) {
        files.incrementAndGet();
        bytes.addAndGet(size);
    }

    /** One file less, of {@code size} bytes. */
    void release(long size) {
        files.decrementAndGet();
        bytes.addAndGet(-size);
    }

    long bytes() {
        return bytes.get();
    }

    long files() {
        return files.get();
    }

    private static ServiceException full(String message) {
        return new ServiceException(ErrorCode.STORAGE_FULL, message);
    }
}
