package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerSandboxesTest {
    @TempDir
    private Path directory;

    /** Anybody may launch a container with our component label, or an engine may describe one in a way of its own. */
    @Test
    void listsWhatIsOursBesideWhateverElseThereIs() throws IOException, BackendException {
        SandboxId ours = SandboxId.random();
        String list = "["
                + container(SandboxId.random(), "null")
                + ","
                + container(SandboxId.random(), "{\"code-interpreter.role\":1,\"x\":null}")
                + ","
                + container(SandboxId.random(), labels("session", "2000000000"))
                + ","
                + container(SandboxId.random(), labels("one-shot", "soon"))
                + ","
                + container(ours, labels("one-shot", "2000000000"))
                + "]";
        try (FakeEngine engine = new FakeEngine(directory.resolve("engine.sock"));
                EngineClient client = new EngineClient(engine.address());
                OrphanReaper orphans = new OrphanReaper("test", Duration.ofHours(1), Set::of, name -> true)) {
            engine.answers(
                    "GET " + DockerSandboxes.RUNNING,
                    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(list.length(), list));
            assertThat(new DockerSandboxes(client, orphans).list())
                    .containsExactly(new SandboxSummary(ours, "default", Instant.ofEpochSecond(2_000_000_000)));
        }
    }

    private static String container(SandboxId id, String labels) {
        return "{\"Names\":[\"/%s\"],\"Labels\":%s}".formatted(id, labels);
    }

    private static String labels(String role, String expiresAt) {
        return """
                {"code-interpreter.component":"sandbox","code-interpreter.role":"%s",
                 "code-interpreter.expires-at":"%s","other":null}""".formatted(role, expiresAt);
    }
}
