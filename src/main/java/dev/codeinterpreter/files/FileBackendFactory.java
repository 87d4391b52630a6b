package dev.codeinterpreter.files;

import dev.codeinterpreter.config.InvalidSettingsException;

/** Makes a {@link FileBackend}. Implementations are CDI beans whose {@code @Named} is a value of FILE_STORAGE. */
public interface FileBackendFactory {

    /** @throws InvalidSettingsException when the place that the settings name cannot be used */
    FileBackend open();
}
