package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.StorageUnavailable;
import java.io.IOException;

/** A failure of the shared directory as clients get it. */
final class DiskFailure {
    private DiskFailure() {}

    /** Java tells a full disk from a broken one only by the text of strerror(3). */
    static ServiceException of(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        boolean full = message.contains("No space left") || message.contains("quota exceeded");
        return full
                ? new ServiceException(ErrorCode.STORAGE_FULL, "The file store's disk takes no more data", cause)
                : StorageUnavailable.because(cause);
    }
}
