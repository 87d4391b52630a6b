package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A sandbox as the engine describes it.
 *
 * @param tenantLabel whose it is, see {@link SandboxLabels#tenant}
 * @param expiresAt as it was at the launch; a session itself knows when it was extended
 */
public record SandboxSummary(SandboxId id, String tenantLabel, Instant expiresAt) {
    public SandboxSummary {
        requireNonNull(id, "id is null");
        requireNonNull(tenantLabel, "tenantLabel is null");
        requireNonNull(expiresAt, "expiresAt is null");
    }
}
