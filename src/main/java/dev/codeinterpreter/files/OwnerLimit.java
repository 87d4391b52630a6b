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
     * Before {@code more} bytes are stored. Uploads at the same time may pass the limit together by a buffer each.
     *
     * @throws ServiceException STORAGE_FULL
     */
    public void check(FileStore store, long more) {
        if (maxBytes.isPresent() && store.storedBytes(owner) + more > maxBytes.getAsLong()) {
            throw new ServiceException(
                    ErrorCode.STORAGE_FULL,
                    "Stored files of this tenant exceed its maximum of %d MB (storage_mb)"
                            .formatted(maxBytes.getAsLong() >> 20));
        }
    }
}
