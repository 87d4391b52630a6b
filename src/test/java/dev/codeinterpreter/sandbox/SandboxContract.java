package dev.codeinterpreter.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every backend keeps, on the real thing. A subclass says which backend, and how to count what is left of it. */
@Timeout(60)
public abstract class SandboxContract {
    protected static final ResourceLimits LIMITS =
            new ResourceLimits(256L << 20, 256L << 20, 64L << 20, 16L << 20, 64, 1, 5, 24L << 20);

    private static final Instant EXPIRY = Instant.parse("2100-01-01T00:00:00Z");

    protected abstract SandboxBackend backend();

    /** Whether the engine still knows anything by this id. */
    protected abstract boolean exists(SandboxId id);

    /** Returns when the engine has removed it, without asking for that. */
    protected abstract void awaitGone(SandboxId id);

    protected static SandboxSpec spec(String... command) {
        return spec(SandboxId.random(), command);
    }

    protected static SandboxSpec spec(SandboxId id, String... command) {
        return new SandboxSpec(
                id, "default", List.of(command), Map.of("PATH", "/usr/bin:/bin", "GREETING", "hello"), LIMITS, EXPIRY);
    }

    @Test
    void carriesBytesBothWays() throws IOException {
        try (Sandbox sandbox = backend().launch(spec("cat"))) {
            byte[] sent = new byte[300_000];
            new Random(1).nextBytes(sent);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    sandbox.channel().output().write(sent);
                    sandbox.channel().output().flush();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(sandbox.channel().input().readNBytes(sent.length)).isEqualTo(sent);
            assertThat(writer.isAlive()).isFalse();
        }
    }

    @Test
    void givesTheMainProcessItsEnvironment() throws IOException {
        try (Sandbox sandbox = backend().launch(spec("sh", "-c", "printf %s \"$GREETING\""))) {
            assertThat(new String(sandbox.channel().input().readAllBytes(), UTF_8))
                    .isEqualTo("hello");
        }
    }

    @Test
    void endsTheStreamWhenTheMainProcessEnds() throws IOException {
        try (Sandbox sandbox = backend().launch(spec("sh", "-c", "echo said; echo whispered >&2"))) {
            assertThat(new String(sandbox.channel().input().readAllBytes(), UTF_8))
                    .isEqualTo("said\n");
            assertThat(sandbox.channel().diagnostics()).isEqualTo("whispered\n");
        }
    }

    @Test
    void isGoneAfterClose() {
        Sandbox sandbox = backend().launch(spec("sleep", "600"));
        assertThat(exists(sandbox.id())).isTrue();
        sandbox.close();
        assertThat(exists(sandbox.id())).isFalse();
        sandbox.close();
    }

    @Test
    void closingFailsABlockedRead() throws InterruptedException {
        Sandbox sandbox = backend().launch(spec("sleep", "600"));
        Thread closer = Thread.ofVirtual().start(sandbox::close);
        assertThatThrownBy(() -> {
                    if (sandbox.channel().input().read() < 0) {
                        throw new IOException("end of stream");
                    }
                })
                .isInstanceOf(IOException.class);
        closer.join();
        assertThat(exists(sandbox.id())).isFalse();
    }

    @Test
    void endsWhenOnlyItsChannelIsCut() {
        Sandbox sandbox = backend().launch(spec("cat"));
        sandbox.channel().close();
        awaitGone(sandbox.id());
        assertThat(exists(sandbox.id())).isFalse();
        sandbox.close();
    }

    @Test
    void listsWhatRunsWithItsExpiry() {
        Sandbox sandbox = backend().launch(spec("cat"));
        assertThat(backend().list()).contains(new SandboxSummary(sandbox.id(), "default", EXPIRY));
        sandbox.close();
        assertThat(backend().list()).extracting(SandboxSummary::id).doesNotContain(sandbox.id());
    }

    @Test
    void removesWhatAnotherOwns() {
        try (Sandbox sandbox = backend().launch(spec("cat"))) {
            assertThat(backend().remove(sandbox.id(), "default")).isTrue();
            assertThat(exists(sandbox.id())).isFalse();
            assertThat(backend().remove(sandbox.id(), "default")).isFalse();
        }
    }

    @Test
    void connectsToSessionsAndToNothingElse() throws IOException {
        List<String> command = List.of("sh", "-c", "read line; echo \"$line\"");
        try (Sandbox session = backend().launch(spec(SandboxId.randomSession(), "sleep", "600"));
                Sandbox other = backend().launch(spec("cat"))) {
            for (String line : new String[] {"first\n", "second\n"}) {
                try (SandboxChannel channel =
                        backend().connect(session.id(), "default", command).orElseThrow()) {
                    channel.output().write(line.getBytes(UTF_8));
                    channel.output().flush();
                    assertThat(new String(channel.input().readAllBytes(), UTF_8))
                            .isEqualTo(line);
                }
            }
            assertThat(exists(session.id())).isTrue();
            assertThat(backend().connect(other.id(), "default", command)).isEmpty();
            assertThat(backend().connect(SandboxId.randomSession(), "default", command))
                    .isEmpty();
            assertThat(backend().remove(session.id(), "default")).isTrue();
            assertThat(backend().connect(session.id(), "default", command)).isEmpty();
            assertThat(backend().awaitGone(session.id(), Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void reportsHealth() {
        assertThat(backend().check(Duration.ofSeconds(5))).isEqualTo(BackendHealth.ok());
    }
}
