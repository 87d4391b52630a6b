package dev.codeinterpreter.run;

import java.util.Locale;

/** What takes a permit, as metrics tell it apart. */
public enum Operation {
    EXECUTE,
    EXECUTE_STREAM,
    SESSION_CREATE,
    SESSION_BASH,
    SESSION_PYTHON,
    /** The three tools of MCP that run something, or start a session. */
    MCP_RUN_PYTHON,
    MCP_RUN_BASH,
    MCP_CREATE_SESSION,
    /** A sandbox is asked what its image has. */
    SANDBOX_DESCRIBE;

    /** Whether it starts a session, and so no program. */
    public boolean createsSession() {
        return this == SESSION_CREATE || this == MCP_CREATE_SESSION;
    }

    /** Its label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
