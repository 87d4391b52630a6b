package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes and the files of the store. INVARIANT: what is written was taken here before, so that uploads that
 * run at the same time cannot pass the limit together; what is taken is given back exactly once.
 */
final class Quota {
    /** The index keeps about 300 bytes of heap for each file, its name not counted. */
    private static final int MAX_FILES = 100_000;

    /** Characters of all names: 160 for each of so many files, and a few thousand of the longest. */
    private static final int MAX_NAMES = 16_000_000;

    /** On disk beside the content: a directory, a file with the name, and the rest of the content's last block. */
    private static final long OVERHEAD = 3L * 4096;

    /** However small the store is. */
    private static final long MIN_FILES = 10_000;

    private final Account bytes;
    private final long maxFiles;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong names = new AtomicLong();
    /** What each owner has, as long as it is not nothing. */
    private final Map<Owner, Long> byOwner = new ConcurrentHashMap<>();

    /** @param maxBytes of the contents; the files' own overhead takes no more besides */
    Quota(Account bytes, long maxBytes) {
        this.bytes = bytes;
        this.maxFiles = Math.clamp(maxBytes / OVERHEAD, MIN_FILES, MAX_FILES);
    }

    void takeFile(String name) {
        if (files.incrementAndGet() > maxFiles) {
            files.decrementAndGet();
            throw full("Stored files exceed maximum of %d files".formatted(maxFiles));
        }
        if (names.addAndGet(name.length()) > MAX_NAMES) {
            giveBack(name, 0);
            throw full("Names of stored files exceed maximum of %d characters".formatted(MAX_NAMES));
        }
    }

    void takeBytes(Owner owner, long count) {
        bytes.take(count, 0);
        add(owner, count);
    }

    /** Counts a file that is there already, over the limit or not. */
    void found(Owner owner, String name, long size) {
        files.incrementAndGet();
        names.addAndGet(name.length());
        bytes.found(size);
        add(owner, size);
    }

    /** For one that is to be read: its descriptor. */
    void takeReader() {
        bytes.takeFile();
    }

    void releaseReader() {
        bytes.releaseFile();
    }

    /** One file less, of {@code size} bytes. */
    void release(Owner owner, String name, long size) {
        giveBack(name, size);
        add(owner, -size);
    }

    long bytes() {
        return bytes.bytes();
    }

    long bytes(Owner owner) {
        return byOwner.getOrDefault(owner, 0L);
    }

    private void giveBack(String name, long size) {
        files.decrementAndGet();
        names.addAndGet(-name.length());
        bytes.release(size);
    }

    private void add(Owner owner, long count) {
        byOwner.compute(owner, (key, sum) -> {
            long changed = (sum == null ? 0 : sum) + count;
            return changed == 0 ? null : changed;
        });
    }

    private static ServiceException full(String message) {
        return new ServiceException(ErrorCode.STORAGE_FULL, message);
    }
}
