package dev.codeinterpreter.usage;

import dev.codeinterpreter.config.InvalidSettingsException;

/**
 * Makes a {@link UsageStore}. Implementations are CDI beans whose {@code @Named} is {@code usage-} and a value of
 * FILE_STORAGE.
 */
public interface UsageStoreFactory {

    /** @throws InvalidSettingsException when the place that the settings name cannot be used */
    UsageStore open();
}
