package dev.codeinterpreter.files.local;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoreLimit;
import dev.codeinterpreter.files.SumByOwner;
import dev.codeinterpreter.storage.Account;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes and the files of the store. INVARIANT: what is written was taken here before, so that uploads that
 * run at the same time cannot pass the limit together; what is taken is given back exactly once.
 */
final class Quota {
    /** Characters of all names: 160 for each of as many files as there can be, and a few thousand of the longest. */
    private static final int MAX_NAMES = 16_000_000;

    private final Account bytes;
    private final long maxFiles;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong names = new AtomicLong();
    private final SumByOwner byOwner = new SumByOwner();

    /** @param maxBytes of the contents; the files' own overhead takes no more besides */
    Quota(Account bytes, long maxBytes) {
        this.bytes = bytes;
        this.maxFiles = StoreLimit.of(maxBytes).maxFiles();
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
        byOwner.add(owner, count);
    }

    /** Counts a file that is there already, over the limit or not. */
    void found(Owner owner, String name, long size) {
        files.incrementAndGet();
        names.addAndGet(name.length());
        bytes.found(size);
        byOwner.add(owner, size);
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
        byOwner.add(owner, -size);
    }

    long bytes() {
        return bytes.bytes();
    }

    long bytes(Owner owner) {
        return byOwner.of(owner);
    }

    private void giveBack(String name, long size) {
        files.decrementAndGet();
        names.addAndGet(-name.length());
        bytes.release(size);
    }

    private static ServiceException full(String message) {
        return new ServiceException(ErrorCode.STORAGE_FULL, message);
    }
}
