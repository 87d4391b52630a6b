package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EngineKindTest {
    /** As Podman 4.3 says it. */
    private static final String PODMAN =
            "{\"Platform\":{\"Name\":\"linux/amd64/debian-12\"},\"Components\":[{\"Name\":\"Podman Engine\","
                    + "\"Version\":\"4.3.1\"},{\"Name\":\"Conmon\",\"Version\":\"conmon version 2.1.6\"}],\"Version\":\"4.3.1\"}";

    private static final String DOCKER = "{\"Components\":[{\"Name\":\"Engine\",\"Version\":\"20.10.24\"}]}";

    @TempDir
    private Path directory;

    private FakeEngine engine;
    private DockerBackend backend;
    private ResourceLimits limits;

    @BeforeEach
    void begin() throws IOException {
        engine = new FakeEngine(directory.resolve("engine.sock"));
        engine.answers("GET /_ping", answer("OK"));
        engine.answers("GET /images/code-interpreter-executor:latest/json", answer("{}"));
        Map<String, String> variables = Map.of("DOCKER_HOST", engine.address().toString());
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        limits = ResourceLimits.from(settings);
        backend = new DockerBackend(settings, limits);
    }

    @AfterEach
    void end() throws IOException {
        backend.close();
        engine.close();
    }

    @Test
    void refusesPodman() {
        engine.answers("GET /version", answer(PODMAN));
        String problem =
                "the container engine is Podman, which ignores limits that a sandbox needs: use a Docker Engine";
        assertThat(backend.check(Duration.ofSeconds(5)).problem()).contains(problem);
        assertThatThrownBy(() -> backend.launch(new SandboxSpec(
                        SandboxId.random(), "default", List.of("python3"), Map.of(), limits, Instant.EPOCH)))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining(problem);
        assertThat(engine.requests()).noneMatch(request -> request.startsWith("POST "));
    }

    @Test
    void asksDockerOnce() {
        engine.answers("GET /version", answer(DOCKER));
        assertThat(backend.check(Duration.ofSeconds(5))).isEqualTo(BackendHealth.ok());
        assertThat(backend.check(Duration.ofSeconds(5))).isEqualTo(BackendHealth.ok());
        assertThat(engine.requests().stream().filter("GET /version"::equals)).hasSize(1);
    }

    private static String answer(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body);
    }
}
