package dev.codeinterpreter.mcp.tool;

import java.time.Duration;

/** Hears of the calls of tools. */
public interface ToolListener {
    /** How a call ended. */
    enum Outcome {
        /** There is a result; of a program, whatever its exit code is. */
        OK,
        /** The result says what went wrong: its arguments, or what the service could not do. */
        FAILED,
        /** A fault of ours. */
        ERROR,
        /** Nobody waited for the result any more. */
        CANCELLED
    }

    void called(String tool, Outcome outcome, Duration took);
}
