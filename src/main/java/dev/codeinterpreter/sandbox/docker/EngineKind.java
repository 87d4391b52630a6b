package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.BackendException;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether what answers the Engine API is an engine whose containers are what {@link ContainerSpecs} says. Podman's service
 * answers it, too, and silently leaves out {@code MaskedPaths}, {@code ReadonlyPaths} and {@code KernelMemoryTCP}, mounts file
 * systems of its own that may be written to, and takes a seccomp profile as the name of a file.
 */
final class EngineKind {
    private static final String PODMAN = "Podman Engine";

    private final EngineClient engine;
    private volatile boolean known;

    EngineKind(EngineClient engine) {
        this.engine = engine;
    }

    /**
     * Asks until it is known that there is nothing to object.
     *
     * @return why no sandbox is launched there, in a sentence that may be shown to a client
     */
    Optional<String> objection(Duration timeout) throws BackendException {
        if (known) {
            return Optional.empty();
        }
        if (isPodman(engine.get("/version", timeout))) {
            return Optional.of(
                    "the container engine is Podman, which ignores limits that a sandbox needs: use a Docker Engine");
        }
        known = true;
        return Optional.empty();
    }

    private static boolean isPodman(JsonObject version) {
        return version.getOrDefault("Components", JsonValue.EMPTY_JSON_ARRAY) instanceof JsonArray components
                && components.stream()
                        .anyMatch(component ->
                                component instanceof JsonObject object && PODMAN.equals(object.getString("Name", "")));
    }
}
