package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.StorageBudget;

/**
 * What all processes together may store.
 *
 * @param maxBytes FILE_STORAGE_MAX_MB
 * @param maxFiles however small they are
 */
public record StoreLimit(long maxBytes, long maxFiles) {
    /**
     * As many as fit, each with what it takes of a disk beside its content: a directory, a file with the name, and the rest of
     * the content's last block. At least 10,000, and at most 100,000: the index of a local store keeps about 300 bytes of heap
     * for each.
     */
    public static StoreLimit of(long maxBytes) {
        return new StoreLimit(maxBytes, Math.clamp(maxBytes / (3L * 4096), 10_000, 100_000));
    }

    /** @throws ServiceException STORAGE_FULL when so much is too much */
    public void check(long files, long bytes) {
        if (files > maxFiles) {
            throw full("%d files".formatted(maxFiles));
        }
        if (bytes > maxBytes) {
            throw full(StorageBudget.text(maxBytes));
        }
    }

    private static ServiceException full(String limit) {
        return new ServiceException(ErrorCode.STORAGE_FULL, "Stored files exceed maximum of " + limit);
    }
}
