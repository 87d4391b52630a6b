package dev.codeinterpreter.storage;

import dev.codeinterpreter.config.Descriptors;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Everything that FILE_STORAGE_MAX_MB bounds, in one sum: stored files with those that are arriving, request bodies on
 * disk, and outputs and session files that wait for somebody.
 *
 * <p>Theory of operation: the three uses share the sum, but none can take it from the others. Requests and outputs have at
 * most a quarter each, so files always have half. A sixteenth is reserved for each of these two, so stored files never
 * have more than seven eighths. Of its own share each leaves a part to those who hold at most 64 KiB, so half a dozen
 * large bodies that never end do not lock out everybody's small ones. A use has an eighth of the descriptors besides, and a
 * sixteenth of the heap: with the heap of 256 MB of the shipped container 16 MB.
 */
public final class StorageBudget {
    /** Holders of at most so many bytes are small. */
    public static final int SMALL_BYTES = 64 * 1024;

    private static final int MIN_OPEN_FILES = 32;
    private static final long KIB = 1 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final long maxBytes;
    private final long reservedBytes;
    private final Account files;
    private final Account requests;
    private final Account outputs;

    /** A budget of {@code maxBytes} of the disk, and of shares of this process's heap and descriptors. */
    public StorageBudget(long maxBytes) {
        this(maxBytes, Runtime.getRuntime().maxMemory(), Descriptors.max());
    }

    /**
     * @param maxBytes on disk
     * @param heapBytes that the process has
     * @param descriptors that the process may have open
     */
    public StorageBudget(long maxBytes, long heapBytes, int descriptors) {
        this(maxBytes, heapBytes, descriptors, maxBytes / 16);
    }

    private StorageBudget(long maxBytes, long heapBytes, int descriptors, long reservedBytes) {
        this.maxBytes = maxBytes;
        this.reservedBytes = reservedBytes;
        int openFiles = Math.max(MIN_OPEN_FILES, descriptors / 8);
        this.files =
                new Account(this, lock, new Account.Limits("Stored files", maxBytes, maxBytes, 0, 0, openFiles, 0));
        this.requests = transit("Request bodies on disk", openFiles, heapBytes / 16);
        this.outputs = transit("Outputs on disk", openFiles, heapBytes / 16);
    }

    /** A budget of {@code maxBytes} for stored files alone. */
    public static StorageBudget ofFiles(long maxBytes) {
        return new StorageBudget(maxBytes, 0, Descriptors.max(), 0);
    }

    private Account transit(String subject, int openFiles, long heapBytes) {
        long most = maxBytes / 4;
        return new Account(
                this,
                lock,
                new Account.Limits(subject, most, most, reservedBytes, maxBytes / 64, openFiles, heapBytes));
    }

    /** Stored files, and those that are arriving. */
    public Account files() {
        return files;
    }

    /** Request bodies while they arrive, and their long strings while they are in use. */
    public Account requests() {
        return requests;
    }

    /** Outputs of programs until their clients have them, and session files on their way. */
    public Account outputs() {
        return outputs;
    }

    /** Whether {@code account} may have {@code more}. The caller has the lock. */
    boolean fits(Account account, long more) {
        long claimed = 0;
        for (Account each : List.of(files, requests, outputs)) {
            claimed += each.claimed(each == account ? more : 0);
        }
        return claimed <= maxBytes;
    }

    /** In whole MB, or KB where it is less than one. */
    public static String text(long bytes) {
        return bytes >= KIB * KIB ? "%d MB".formatted(bytes / (KIB * KIB)) : "%d KB".formatted(bytes / KIB);
    }
}
