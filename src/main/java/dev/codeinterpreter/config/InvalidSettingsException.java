package dev.codeinterpreter.config;

import java.util.List;

/** The environment holds values that the service cannot start with. */
public final class InvalidSettingsException extends RuntimeException {
    private final List<String> lines;

    public InvalidSettingsException(List<String> lines) {
        super(String.join("; ", lines));
        this.lines = List.copyOf(lines);
    }

    /** One line for each bad variable. */
    public List<String> lines() {
        return lines;
    }
}
