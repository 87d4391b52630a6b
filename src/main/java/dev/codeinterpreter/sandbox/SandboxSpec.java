package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What to launch. Image, network and the engine's own options are the backend's configuration.
 *
 * @param id which becomes the container's name
 * @param command argv of the container's main process
 * @param environment of the main process
 * @param limits of the whole container
 * @param lifetime how it ends
 */
public record SandboxSpec(
        SandboxId id, List<String> command, Map<String, String> environment, ResourceLimits limits, Lifetime lifetime) {

    /** How a sandbox ends. */
    public sealed interface Lifetime {
        /** With its first channel. */
        record OneShot() implements Lifetime {}

        /** At a time, whoever is still there; its own runner sees to that. */
        record Session(Instant expiresAt) implements Lifetime {
            public Session {
                requireNonNull(expiresAt, "expiresAt is null");
            }
        }
    }

    public SandboxSpec {
        requireNonNull(id, "id is null");
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        requireNonNull(limits, "limits is null");
        requireNonNull(lifetime, "lifetime is null");
    }
}
