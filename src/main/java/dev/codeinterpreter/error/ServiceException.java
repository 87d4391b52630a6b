package dev.codeinterpreter.error;

import org.jspecify.annotations.Nullable;

/**
 * A request could not be carried out. The message is sent to the client as it is: it names the thing, the value and
 * the limit, and never a host path, a container or what the engine said; those belong into the cause, which is logged.
 */
public final class ServiceException extends RuntimeException {
    private final ErrorCode code;

    public ServiceException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ServiceException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The engine cannot serve now; {@code reason} is one or two words such as {@code engine unreachable}. */
    public static ServiceException capacity(String reason, String explanation, @Nullable Throwable cause) {
        return new ServiceException(
                ErrorCode.CAPACITY_UNAVAILABLE,
                "Executor capacity unavailable (%s): %s".formatted(reason, explanation),
                cause);
    }

    public ErrorCode code() {
        return code;
    }
}
