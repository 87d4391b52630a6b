package dev.codeinterpreter.storage;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One use of the storage: its bytes and open files on disk, and its share of the heap.
 *
 * <p>INVARIANT: bytes are taken before they are written, and released exactly once, when the file that holds them has
 * neither a name nor a reader any more. The budget's lock guards {@code bytes} and {@code openFiles}.
 */
public final class Account {
    private final StorageBudget budget;
    private final ReentrantLock lock;
    private final Limits limits;
    private final ByteBudget heap;
    private long bytes;
    private int openFiles;

    /**
     * @param subject of the sentence "... exceed maximum of 5 MB"
     * @param namedBytes the limit that the sentence names
     * @param maxBytes on disk that this use may have
     * @param reservedBytes of the budget that no other use can take
     * @param spareBytes of {@code maxBytes} that large holders leave to small ones
     * @param maxOpenFiles at a time
     * @param heapBytes beyond the first half KiB of each holder
     */
    record Limits(
            String subject,
            long namedBytes,
            long maxBytes,
            long reservedBytes,
            long spareBytes,
            int maxOpenFiles,
            long heapBytes) {}

    Account(StorageBudget budget, ReentrantLock lock, Limits limits) {
        this.budget = budget;
        this.lock = lock;
        this.limits = limits;
        this.heap = new ByteBudget(limits.heapBytes());
    }

    /** The share of the heap. */
    public ByteBudget heap() {
        return heap;
    }

    /**
     * Takes bytes of the disk, all or none.
     *
     * @param held bytes that the holder has already: while it is small it may use what large ones have to leave
     * @throws ServiceException STORAGE_FULL when they do not fit
     */
    public void take(long count, long held) {
        lock.lock();
        try {
            long spare = held + count > StorageBudget.SMALL_BYTES ? limits.spareBytes() : 0;
            if (bytes + count + spare > limits.maxBytes() || !budget.fits(this, count + spare)) {
                throw full(
                        "%s exceed maximum of %s".formatted(limits.subject(), StorageBudget.text(limits.namedBytes())));
            }
            bytes += count;
        } finally {
            lock.unlock();
        }
    }

    /** Counts bytes that are on disk already, over the limit or not. */
    public void found(long count) {
        lock.lock();
        try {
            bytes += count;
        } finally {
            lock.unlock();
        }
    }

    public void release(long count) {
        found(-count);
    }

    /** @throws ServiceException STORAGE_FULL when as many files are open as may be */
    public void takeFile() {
        lock.lock();
        try {
            if (openFiles >= limits.maxOpenFiles()) {
                throw full("%s exceed maximum of %d open files".formatted(limits.subject(), limits.maxOpenFiles()));
            }
            openFiles++;
        } finally {
            lock.unlock();
        }
    }

    public void releaseFile() {
        lock.lock();
        try {
            openFiles--;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes on disk that are taken now. */
    public long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Files that are open now. */
    public int openFiles() {
        lock.lock();
        try {
            return openFiles;
        } finally {
            lock.unlock();
        }
    }

    /** What this use would keep from the others if it had {@code more}. The caller has the lock. */
    long claimed(long more) {
        return Math.max(bytes + more, limits.reservedBytes());
    }

    private static ServiceException full(String message) {
        return new ServiceException(ErrorCode.STORAGE_FULL, message);
    }
}
