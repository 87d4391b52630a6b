package dev.codeinterpreter.files;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;

/** The failure of what is below the store: there may be an answer later. */
public final class StorageUnavailable {
    private StorageUnavailable() {}

    /** @param cause for the log; the client does not get it */
    public static ServiceException because(Exception cause) {
        return ServiceException.rejected(
                Rejection.STORAGE_UNAVAILABLE,
                "The file store is unavailable. Retry after the Retry-After delay.",
                cause);
    }

    /** Whether {@code failure} is one of these. */
    public static boolean is(ServiceException failure) {
        return failure.reason().equals(Rejection.STORAGE_UNAVAILABLE.label());
    }
}
