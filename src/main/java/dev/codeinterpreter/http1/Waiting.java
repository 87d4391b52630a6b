package dev.codeinterpreter.http1;

/** What a connection waits for. */
public enum Waiting {
    /** The first byte of the first request. */
    FIRST_REQUEST,
    /** The first byte of another request. */
    NEXT_REQUEST,
    /** The rest of a request's head. */
    HEAD,
    /** More of a request's body. */
    BODY,
    /** That the client takes more of its answer. */
    ANSWER;

    /** Whether a connection that waits for it may be closed in favour of another: nobody has asked for anything yet. */
    public boolean isEvictable() {
        return this == FIRST_REQUEST || this == HEAD || this == NEXT_REQUEST;
    }
}
