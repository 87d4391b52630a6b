package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What to launch. Image, network and the engine's own options are the backend's configuration. A sandbox for one run ends
 * with its first channel, a session's at its time; the id says which it is.
 *
 * @param id which becomes the container's name
 * @param tenant whose it is, which its labels say; empty of one for a run that may be anybody's
 * @param command argv of the container's main process
 * @param environment of the main process
 * @param limits of the whole container
 * @param expiresAt when at the latest it has ended by itself or been closed by its owner; what is still there then is stuck,
 *     and any process of ours may remove it
 */
public record SandboxSpec(
        SandboxId id,
        String tenant,
        List<String> command,
        Map<String, String> environment,
        ResourceLimits limits,
        Instant expiresAt) {

    public SandboxSpec {
        requireNonNull(id, "id is null");
        requireNonNull(tenant, "tenant is null");
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        requireNonNull(limits, "limits is null");
        requireNonNull(expiresAt, "expiresAt is null");
    }
}
