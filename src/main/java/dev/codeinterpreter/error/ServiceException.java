package dev.codeinterpreter.error;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request could not be carried out. The message is sent to the client as it is: it names the thing, the value and
 * the limit, and never a host path, a container or what the engine said; those belong into the cause, which is logged.
 */
public final class ServiceException extends RuntimeException {
    private final ErrorCode code;
    private final String reason;
    private final @Nullable Duration retryAfter;

    public ServiceException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ServiceException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, code.label(), message, null, cause);
    }

    private ServiceException(
            ErrorCode code, String reason, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** The engine cannot serve now; {@code explanation} is a sentence for the client. */
    public static ServiceException capacity(Rejection why, String explanation, @Nullable Throwable cause) {
        return rejected(why, "Executor capacity unavailable (%s): %s".formatted(why.words(), explanation), cause);
    }

    /** A limit is reached, and there may be room later. */
    public static ServiceException rejected(Rejection why, String message, @Nullable Throwable cause) {
        return new ServiceException(why.code(), why.label(), message, null, cause);
    }

    /** A tenant has used up what it may have in a time; there is more after {@code retryAfter}. */
    public static ServiceException rateLimited(String message, Duration retryAfter) {
        return new ServiceException(ErrorCode.RATE_LIMITED, ErrorCode.RATE_LIMITED.label(), message, retryAfter, null);
    }

    /** When the client may try again, where that is known better than by the code. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** A {@link Rejection}'s label, or else the code's: for metrics. */
    public String reason() {
        return reason;
    }

    public ErrorCode code() {
        return code;
    }
}
