package dev.codeinterpreter.error;

/** The client went away before its answer: nobody waits for an answer, and nothing is broken here. */
public final class ClientGoneException extends RuntimeException {

    /** Nothing failed for it: it was noticed before something was begun. */
    public ClientGoneException() {
        super("the client went away");
    }

    public ClientGoneException(Throwable cause) {
        super("the client went away", cause);
    }
}
