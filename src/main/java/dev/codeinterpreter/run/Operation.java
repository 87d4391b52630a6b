package dev.codeinterpreter.run;

import java.util.Locale;

/** What takes a permit, as metrics tell it apart. */
public enum Operation {
    EXECUTE,
    EXECUTE_STREAM,
    SESSION_CREATE,
    SESSION_BASH,
    SESSION_PYTHON,
    /** A sandbox is asked what its image has. */
    SANDBOX_DESCRIBE;

    /** Its label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
