package dev.codeinterpreter.usage;

import dev.codeinterpreter.config.InvalidSettingsException;
import java.util.Optional;

/** Knows whether there is a place that all replicas have in common. */
public interface UsagePlace {

    /**
     * Opens it, which the caller closes; empty when there is none.
     *
     * @throws InvalidSettingsException when the settings name one that cannot be used
     */
    Optional<UsageStore> open();
}
