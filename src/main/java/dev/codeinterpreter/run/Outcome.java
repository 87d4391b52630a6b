package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.runner.ProgramExit;
import java.util.Locale;

/** How something that had a permit ended; the names are those of the reference's metrics, but for the last. */
public enum Outcome {
    /** There is a result, whatever the exit code is; or a session was created. */
    OK,
    TIMED_OUT,
    /** There was no result. */
    ERROR,
    /** Nobody waited for it any more. */
    CANCELLED;

    static Outcome of(ProgramExit exit) {
        return exit.timedOut() ? TIMED_OUT : OK;
    }

    static Outcome of(RuntimeException failure) {
        return failure instanceof ClientGoneException ? CANCELLED : ERROR;
    }

    /** Its label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
