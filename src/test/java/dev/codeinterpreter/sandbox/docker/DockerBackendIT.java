package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxContract;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sandbox contract on the real engine. */
class DockerBackendIT extends SandboxContract {
    private static DockerBackend backend;
    private static EngineClient engine;

    @BeforeAll
    static void connect() {
        backend = backend(Map.of());
        engine = new EngineClient(DockerConfig.from(settings(Map.of())).engine());
    }

    @AfterAll
    static void disconnect() {
        backend.close();
        engine.close();
    }

    @Override
    protected SandboxBackend backend() {
        return backend;
    }

    @Override
    protected boolean exists(SandboxId id) {
        try {
            engine.get("/containers/%s/json".formatted(id), Duration.ofSeconds(5));
            return true;
        } catch (BackendException e) {
            assertThat(e.isNotFound()).as(e.getMessage()).isTrue();
            return false;
        }
    }

    @Override
    protected void awaitGone(SandboxId id) {
        try {
            engine.post("/containers/%s/wait?condition=removed".formatted(id), null, Duration.ofSeconds(10));
        } catch (BackendException e) {
            assertThat(e.isNotFound()).as(e.getMessage()).isTrue();
        }
    }

    @Test
    void startsWhatItStartsInASessionAsAnotherUserThanItsPrograms() throws IOException {
        String print = "id -u; id -g; pwd; stat -c %u /proc/1";
        try (Sandbox session = backend.launch(spec(SandboxId.randomSession(), "sleep", "600"));
                SandboxChannel channel = backend.connect(session.id(), "default", List.of("sh", "-c", print))
                        .orElseThrow()) {
            String[] lines = new String(channel.input().readAllBytes(), UTF_8).split("\n");
            String own = Integer.toString(SandboxUids.ofConnector(Integer.parseInt(lines[3])));
            assertThat(lines).containsExactly(own, own, "/", lines[3]);
        }
    }

    @Test
    void saysThatTheImageIsMissing() {
        DockerBackend other = backend(Map.of(
                "PYTHON_EXECUTOR_DOCKER_IMAGE", "no-such-image:ever", "PYTHON_EXECUTOR_DOCKER_IMAGE_PULL", "never"));
        try {
            assertThatThrownBy(() -> other.launch(spec("cat")))
                    .isInstanceOf(ServiceException.class)
                    .hasMessageStartingWith("Executor capacity unavailable (image missing): ");
            assertThat(other.check(Duration.ofSeconds(5)).problem())
                    .contains("the executor image no-such-image:ever is missing");
        } finally {
            other.close();
        }
    }

    @Test
    void saysThatTheEngineIsUnreachable() {
        DockerBackend other = backend(Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock"));
        try {
            assertThatThrownBy(() -> other.launch(spec("cat")))
                    .isInstanceOf(ServiceException.class)
                    .hasMessageStartingWith("Executor capacity unavailable (engine unreachable): ");
            assertThat(other.check(Duration.ofSeconds(5)).isOk()).isFalse();
        } finally {
            other.close();
        }
    }

    private static DockerBackend backend(Map<String, String> variables) {
        return new DockerBackend(settings(variables), ResourceLimits.from(settings(variables)));
    }

    /** The engine that the environment names, as for the service. */
    private static Settings settings(Map<String, String> variables) {
        return new Settings(name -> Optional.ofNullable(variables.getOrDefault(name, System.getenv(name))));
    }
}
