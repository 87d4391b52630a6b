package dev.codeinterpreter.error;

/** The kinds of failure that a client can tell apart. A program that fails is not among them: that is a result. */
public enum ErrorCode {
    /** The request breaks a rule of the contract. */
    INVALID_REQUEST(422),
    /** The body could not be read at all. */
    UNREADABLE_BODY(400),
    NOT_FOUND(404),
    CONFLICT(409),
    TOO_LARGE(413),
    UNSUPPORTED_ENCODING(415),
    /** A body that says nothing of its type, from a caller that has to. */
    UNSUPPORTED_MEDIA_TYPE(415),
    /** Every place for a run is taken and none became free in time. */
    SATURATED(429),
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
}
