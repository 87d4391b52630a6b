package dev.codeinterpreter.files;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import java.util.OptionalLong;

/**
 * The owner of what a request stores, and how much it may have stored.
 *
 * @param maxBytes of all its files together; empty when only the whole store's limit holds
 */
public record OwnerLimit(Owner owner, OptionalLong maxBytes) {
    /** However little it may store: programs leave many small files. */
    private static final long MIN_FILES = 1000;

    public OwnerLimit {
        requireNonNull(owner, "owner is null");
        requireNonNull(maxBytes, "maxBytes is null");
    }

    /** Of the tenant in whose name the thread works. */
    public static OwnerLimit ofCaller() {
        Caller caller = Caller.current();
        return new OwnerLimit(new Owner(caller.tenant()), caller.limits().storageBytes());
    }

    /**
     * Before the owner has so many bytes. Uploads at the same time may pass the limit together by a buffer each.
     *
     * @throws ServiceException STORAGE_FULL
     */
    void checkBytes(long bytes) {
        if (maxBytes.isPresent() && bytes > maxBytes.getAsLong()) {
            throw full("%d MB".formatted(maxBytes.getAsLong() >> 20));
        }
    }

    /**
     * Before the owner has so many files: its share of the store's files is that of the bytes, or empty ones would use up the
     * store for all others.
     *
     * @param storeBytes that all owners together may have
     * @throws ServiceException STORAGE_FULL
     */
    void checkFiles(long files, long storeBytes) {
        if (maxBytes.isEmpty()) {
            return;
        }
        double share = Math.min(1, (double) maxBytes.getAsLong() / storeBytes);
        long maxFiles = Math.max(MIN_FILES, Math.round(StoreLimit.of(storeBytes).maxFiles() * share));
        if (files > maxFiles) {
            throw full("%d files".formatted(maxFiles));
        }
    }

    private static ServiceException full(String limit) {
        return new ServiceException(
                ErrorCode.STORAGE_FULL,
                "Stored files of this tenant exceed its maximum of %s (storage_mb)".formatted(limit));
    }
}
