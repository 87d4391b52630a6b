package dev.codeinterpreter.sandbox.docker;

import org.jspecify.annotations.Nullable;

/** The engine did not do what it was asked. The message may hold the engine's own words: for the log, not for clients. */
final class EngineException extends Exception {
    /** The status of an engine that did not answer at all. */
    static final int NO_ANSWER = 0;

    private final int status;

    EngineException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    static EngineException unreachable(String message, @Nullable Throwable cause) {
        return new EngineException(NO_ANSWER, message, cause);
    }

    boolean isUnreachable() {
        return status == NO_ANSWER;
    }

    boolean isNotFound() {
        return status == 404;
    }

    /** Someone else is already doing it, for example removing the container. */
    boolean isConflict() {
        return status == 409;
    }
}
