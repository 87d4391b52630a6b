package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.runner.ProgramExit;
import java.util.Locale;

/** How something that had a permit ended. */
public enum Outcome {
    /** Exit code 0, or a session that was created. */
    SUCCEEDED,
    /** Any other exit code. */
    FAILED,
    SIGNALED,
    TIMEOUT,
    OOM,
    CPU,
    /** Nobody waited for it any more. */
    CANCELLED,
    /** There was no result. */
    ERROR;

    static Outcome of(ProgramExit exit) {
        return switch (exit.termination()) {
            case EXITED -> exit.exitCode().orElse(0) == 0 ? SUCCEEDED : FAILED;
            case SIGNALED -> SIGNALED;
            case TIMEOUT -> TIMEOUT;
            case OOM -> OOM;
            case CPU -> CPU;
        };
    }

    static Outcome of(RuntimeException failure) {
        return failure instanceof ClientGoneException ? CANCELLED : ERROR;
    }

    /** Its label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
