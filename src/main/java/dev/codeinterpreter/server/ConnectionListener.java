package dev.codeinterpreter.server;

/** Is called when a connection is not kept; for metrics. Called on the accepting thread, so it must be quick. */
public interface ConnectionListener {
    /** Does nothing. */
    ConnectionListener NONE = _ -> {};

    /** Why a connection is refused, or another is closed in its favour. */
    enum Reason {
        /** There are as many as may be, and none of them is idle. */
        LIMIT,
        /** There are as many of its address as may be. */
        ADDRESS,
        /** The system could not accept it. */
        SYSTEM,
        /** It waited for a request, longer than the others, and its place was needed. */
        EVICTED
    }

    /** A connection was refused or evicted. */
    void refused(Reason reason);
}
