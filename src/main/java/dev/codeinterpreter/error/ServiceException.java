package dev.codeinterpreter.error;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request could not be carried out. The message is sent to the client as it is: it names the thing, the value and
 * the limit, and never a host path, a container or what the engine said; those belong into the cause, which is logged.
 */
public final class ServiceException extends RuntimeException {
    private final ErrorCode code;
    private final String reason;

    public ServiceException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ServiceException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, code.name().toLowerCase(Locale.ROOT), message, cause);
    }

    private ServiceException(ErrorCode code, String reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.reason = reason;
    }

    /** The engine cannot serve now; {@code reason} is one or two words such as {@code engine unreachable}. */
    public static ServiceException capacity(String reason, String explanation, @Nullable Throwable cause) {
        return new ServiceException(
                ErrorCode.CAPACITY_UNAVAILABLE,
                reason.replace(' ', '_'),
                "Executor capacity unavailable (%s): %s".formatted(reason, explanation),
                cause);
    }

    /** A limit of ours is reached, and there may be room later; {@code reason} is one word. */
    public static ServiceException saturated(String reason, String message) {
        return new ServiceException(ErrorCode.SATURATED, reason, message, null);
    }

    /** In one word, one of a few: for metrics. */
    public String reason() {
        return reason;
    }

    public ErrorCode code() {
        return code;
    }
}
