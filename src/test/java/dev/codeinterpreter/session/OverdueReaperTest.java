package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.fake.FakeBackend;
import dev.codeinterpreter.run.RunListener;
import dev.codeinterpreter.runner.RunnerProtocolException;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OverdueReaperTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Instant LONG_AGO = NOW.minusSeconds(3600);

    private final FakeBackend engine = new FakeBackend();
    private final Sandbox session = launch(SandboxId.randomSession(), LONG_AGO);

    @AfterEach
    void end() {
        engine.running().values().forEach(Sandbox::close);
    }

    @Test
    void removesARunThatIsOverdueAndNoneThatIsNot() {
        Sandbox overdue = launch(SandboxId.random(), LONG_AGO);
        Sandbox young = launch(SandboxId.random(), NOW.minus(SessionTimings.DEFAULT.overdueMargin()));
        reap(id -> NOW.plusSeconds(1));
        assertThat(engine.running()).containsOnlyKeys(session.id(), young.id());
        assertThat(engine.running()).doesNotContainKey(overdue.id());
    }

    @Test
    void removesASessionWhoseRunnerSaysThatItIsOver() {
        reap(id -> NOW.minusSeconds(1));
        assertThat(engine.running()).isEmpty();
    }

    /** Else a client that takes all permits for calls ends the sessions of all others. */
    @ParameterizedTest
    @EnumSource(
            value = Rejection.class,
            names = {"SESSION_LOST"},
            mode = EnumSource.Mode.EXCLUDE)
    void keepsASessionThatCannotBeAsked(Rejection why) {
        reap(id -> {
            throw ServiceException.rejected(why, "not now", null);
        });
        assertThat(engine.running()).containsOnlyKeys(session.id());
    }

    @Test
    void removesASessionThatIsAskedAndDoesNotAnswer() {
        reap(id -> {
            throw ServiceException.capacity(Rejection.SESSION_LOST, "it did not answer.", null);
        });
        assertThat(engine.running()).isEmpty();
    }

    /** "OCI runtime exec failed": the session's programs have taken all its processes, and the runner is well. */
    @Test
    void keepsASessionInWhosePlaceTheEngineSpeaks() {
        reap(id -> {
            throw ServiceException.capacity(
                    Rejection.SESSION_LOST,
                    "it did not answer.",
                    new RunnerProtocolException("frame 'O' of 1128350752"));
        });
        assertThat(engine.running()).containsOnlyKeys(session.id());
    }

    @Test
    void removesWhatIsNoSessionToItsRunner() {
        reap(id -> {
            throw new ServiceException(ErrorCode.NOT_FOUND, "not found");
        });
        assertThat(engine.running()).isEmpty();
    }

    private void reap(Function<String, Instant> expiry) {
        SessionLimit limit = new SessionLimit(10, engine, new RunListener() {}, Set::of);
        new OverdueReaper(
                        engine,
                        (session, tenantLabel) -> expiry.apply(session),
                        limit,
                        Clock.fixed(NOW, ZoneOffset.UTC),
                        SessionTimings.DEFAULT)
                .reap();
    }

    private Sandbox launch(SandboxId id, Instant expiresAt) {
        return engine.launch(new SandboxSpec(
                id,
                "default",
                List.of("python3"),
                Map.of(),
                ResourceLimits.from(new Settings(name -> Optional.empty())),
                expiresAt));
    }
}
