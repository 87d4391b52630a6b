package dev.codeinterpreter.runner;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A sandbox said something that no runner of ours says: it is broken or has been taken over, and is closed. */
public final class RunnerProtocolException extends IOException {
    public RunnerProtocolException(String message) {
        this(message, null);
    }

    public RunnerProtocolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
