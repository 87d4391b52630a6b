package dev.codeinterpreter.pool;

/** Why an idle sandbox is closed unused. */
public enum RetireReason {
    /** It has been idle for as long as it may. */
    AGE,
    /** A launch would use another image by now. */
    STALE,
    /** It does not answer. */
    DEAD,
    /** The service stops. */
    SHUTDOWN
}
