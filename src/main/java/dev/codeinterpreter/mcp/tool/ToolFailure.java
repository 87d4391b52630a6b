package dev.codeinterpreter.mcp.tool;

/** Nothing was done, or the outcome is not known; the message is for the model, and says what to do next. */
final class ToolFailure extends RuntimeException {
    ToolFailure(String message) {
        super(message);
    }

    ToolFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
