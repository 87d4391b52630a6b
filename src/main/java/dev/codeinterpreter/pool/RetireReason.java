package dev.codeinterpreter.pool;

/** Why an idle sandbox is closed unused. */
public enum RetireReason {
    /** It has been idle for as long as it may. */
    AGE,
    /** A launch would use another image by now. */
    STALE,
    /** It does not answer. */
    DEAD,
    /** Its import of libraries has failed: the next one's may not. */
    IMPORT,
    /** It has only those libraries that were needed while programs came fast, and they do not any more. */
    PARTIAL,
    /** The service stops. */
    SHUTDOWN
}
