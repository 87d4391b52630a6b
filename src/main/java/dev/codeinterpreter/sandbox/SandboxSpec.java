package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/**
 * What to launch. Image, network and the engine's own options are the backend's configuration.
 *
 * @param command argv of the container's main process
 * @param environment of the main process
 * @param limits of the whole container
 */
public record SandboxSpec(List<String> command, Map<String, String> environment, ResourceLimits limits) {
    public SandboxSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        requireNonNull(limits, "limits is null");
    }
}
