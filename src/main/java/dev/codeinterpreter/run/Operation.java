package dev.codeinterpreter.run;

import java.util.Locale;

/** What takes a permit, as metrics tell it apart. */
public enum Operation {
    EXECUTE,
    EXECUTE_STREAM,
    SESSION_CREATE,
    SESSION_BASH,
    SESSION_PYTHON;

    /** Its label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
