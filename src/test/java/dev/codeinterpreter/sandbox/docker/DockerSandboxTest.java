package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a container ends, against an engine that gives the answers of the test. */
@Timeout(30)
class DockerSandboxTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final String DONE = "HTTP/1.1 204 No Content\r\n\r\n";

    @TempDir
    Path directory;

    private final SandboxId id = SandboxId.random();
    private final String attach = "POST /containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1".formatted(id);
    private final String await = "POST /containers/%s/wait?condition=removed".formatted(id);
    private final String delete = "DELETE /containers/%s?force=true&v=true".formatted(id);
    private final OrphanReaper orphans = new OrphanReaper("test", Duration.ofHours(1), Set::of, name -> true);
    private FakeEngine engine;

    @BeforeEach
    void listen() throws IOException {
        engine = new FakeEngine(directory.resolve("engine.sock"));
        engine.echoes(attach, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    }

    @AfterEach
    void hangUp() throws IOException {
        orphans.close();
        engine.close();
    }

    @Test
    void leavesTheRemovalToTheEngineWhenTheRunnerEnds() throws Exception {
        engine.answers(await, DONE);
        close(LONG, LONG);
        assertThat(engine.requests()).containsExactly(attach, await);
    }

    @Test
    void removesByForceWhatDoesNotEndByItself() throws Exception {
        engine.answers(delete, DONE);
        close(SHORT, LONG);
        assertThat(engine.requests()).containsExactly(attach, await, delete);
    }

    /** Somebody else removes it already: the engine refuses a second removal, and the first is awaited. */
    @Test
    void awaitsTheRemovalThatIsUnderWay() throws Exception {
        engine.answers(delete, "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}");
        close(SHORT, SHORT);
        assertThat(engine.requests()).containsExactly(attach, await, delete, await);
    }

    /**
     * @param exit how long the sandbox may take to end by itself
     * @param removal how long the engine may take to remove it by force
     */
    private void close(Duration exit, Duration removal) throws Exception {
        EngineTimings timings = new EngineTimings(LONG, LONG, LONG, LONG, exit, removal, LONG);
        try (EngineClient client = new EngineClient(engine.address(), Optional.empty(), timings)) {
            DockerSandbox sandbox = new DockerSandbox(id, client, orphans);
            sandbox.attach(LONG);
            sandbox.close();
        }
    }
}
