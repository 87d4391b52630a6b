package dev.codeinterpreter.error;

import java.util.Locale;

/** Why there is no room for an operation. Names are labels of metrics, and words in the sentences that clients get. */
public enum Rejection {
    /** Every permit is taken and none was released in time. */
    CONCURRENCY_LIMIT(ErrorCode.CONCURRENCY_LIMIT),
    /** MAX_SESSIONS. */
    SESSION_LIMIT(ErrorCode.CONCURRENCY_LIMIT),
    QUOTA_EXCEEDED(ErrorCode.CAPACITY_UNAVAILABLE),
    /** No node of the cluster has room. */
    UNSCHEDULABLE(ErrorCode.CAPACITY_UNAVAILABLE),
    IMAGE_MISSING(ErrorCode.CAPACITY_UNAVAILABLE),
    NAMESPACE_MISSING(ErrorCode.CAPACITY_UNAVAILABLE),
    NOT_PERMITTED(ErrorCode.CAPACITY_UNAVAILABLE),
    ENGINE_UNREACHABLE(ErrorCode.CAPACITY_UNAVAILABLE),
    ENGINE_BUSY(ErrorCode.CAPACITY_UNAVAILABLE),
    /** Of tokens: it does not give the keys by which they are judged. */
    ISSUER_UNREACHABLE(ErrorCode.CAPACITY_UNAVAILABLE),
    ENGINE_FAILED(ErrorCode.CAPACITY_UNAVAILABLE),
    LAUNCH_FAILED(ErrorCode.CAPACITY_UNAVAILABLE),
    /** A sandbox did not start in time. */
    NOT_READY(ErrorCode.CAPACITY_UNAVAILABLE),
    /** The kernel lacks what sessions need. */
    NO_LANDLOCK(ErrorCode.CAPACITY_UNAVAILABLE),
    SANDBOX_LOST(ErrorCode.CAPACITY_UNAVAILABLE),
    SANDBOX_UNUSABLE(ErrorCode.CAPACITY_UNAVAILABLE),
    SESSION_LOST(ErrorCode.CAPACITY_UNAVAILABLE),
    /** What keeps the files does not answer. */
    STORAGE_UNAVAILABLE(ErrorCode.CAPACITY_UNAVAILABLE);

    private final ErrorCode code;

    Rejection(ErrorCode code) {
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    /** In snake case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** In one or two words. */
    String words() {
        return label().replace('_', ' ');
    }
}
