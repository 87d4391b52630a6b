package dev.codeinterpreter.health;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * @param status {@code ok} or {@code error}
 * @param networkIsolation by what programs are kept off networks, or which one they have
 */
@JsonbPropertyOrder({"status", "message", "version", "executorBackend", "networkIsolation"})
public record HealthResponse(
        String status,
        @Nullable String message,
        String version,
        @JsonbProperty("executor_backend") String executorBackend,
        @JsonbProperty("network_isolation") String networkIsolation) {}
