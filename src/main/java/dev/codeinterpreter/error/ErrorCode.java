package dev.codeinterpreter.error;

import java.util.Locale;

/**
 * The kinds of failure that a client can tell apart, by {@code code} in the body of each error. Names are stable. A program
 * that fails is not among them: that is a result.
 */
public enum ErrorCode {
    /** The request breaks a rule of the contract; 400 instead of 422 where it is not the body that does. */
    INVALID_REQUEST(422),
    /** The body could not be read at all. */
    MALFORMED_BODY(400),
    UNAUTHORIZED(401),
    FORBIDDEN(403),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    CONFLICT(409),
    /** Body, file, request line or header; the last two with 414 and 431. */
    TOO_LARGE(413),
    /** A body that is encoded, or one that says nothing of its type, from a caller that has to. */
    UNSUPPORTED_MEDIA_TYPE(415),
    /** More requests in a time than the caller may send. */
    RATE_LIMITED(429),
    /** Everything of which there may only be so much at once is taken. */
    CONCURRENCY_LIMIT(429),
    /** A bug of ours, or a fault that nobody foresaw. */
    INTERNAL(500),
    /** The engine cannot give us a sandbox, or took it away. */
    CAPACITY_UNAVAILABLE(503),
    STORAGE_FULL(507);

    private final int status;

    ErrorCode(int status) {
        this.status = status;
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** As clients see it, in snake case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of an answer that the web server or JAX-RS gives by itself, of which only the status is known: 400 or more. */
    public static ErrorCode ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 409 -> CONFLICT;
            case 413, 414, 431 -> TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 429 -> CONCURRENCY_LIMIT;
            case 503 -> CAPACITY_UNAVAILABLE;
            case 507 -> STORAGE_FULL;
            // 505 is about the version that the client speaks.
            default -> status < 500 || status == 505 ? INVALID_REQUEST : INTERNAL;
        };
    }
}
