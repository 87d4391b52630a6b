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
    /** It has only the libraries that programs named while imports were behind the demand, and they no longer are. */
    PARTIAL,
    /** The service stops. */
    SHUTDOWN
}
