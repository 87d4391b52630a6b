package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A session as its container's labels describe it.
 *
 * @param expiresAt as it was at the launch; the session itself knows when it was prolonged
 */
public record SessionSummary(SandboxId id, Instant expiresAt) {
    public SessionSummary {
        requireNonNull(id, "id is null");
        requireNonNull(expiresAt, "expiresAt is null");
    }
}
