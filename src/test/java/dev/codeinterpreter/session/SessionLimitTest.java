package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.fake.FakeBackend;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunListener;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.tenant.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionLimitTest {
    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

    private final List<String> rejections = new ArrayList<>();
    private final RunListener listener = new RunListener() {
        @Override
        public void rejected(Operation operation, ServiceException why) {
            rejections.add(operation + " " + why.reason());
        }
    };

    /** What the engine says; what a test does meanwhile comes before it. */
    private static final class Engine extends FakeBackend {
        private Runnable meanwhile = () -> {};
        private boolean down;

        @Override
        public List<SandboxSummary> list() {
            Runnable once = meanwhile;
            meanwhile = () -> {};
            List<SandboxSummary> before = super.list();
            once.run();
            if (down) {
                throw ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "it is down.", null);
            }
            return before;
        }

        Sandbox start(SandboxId id) {
            return launch(new SandboxSpec(
                    id,
                    "default",
                    List.of("python3"),
                    Map.of(),
                    ResourceLimits.from(new Settings(name -> Optional.empty())),
                    LATER));
        }
    }

    private final Engine engine = new Engine();
    private final Set<SandboxId> future = new HashSet<>();
    private final SessionLimit limit = new SessionLimit(2, engine, listener, () -> future);

    @Test
    void countsTheSessionsOfAllServices() {
        engine.start(SandboxId.randomSession());
        engine.start(SandboxId.random());
        try (SessionLimit.Launch _ = limit.acquire(SandboxId.randomSession(), Caller.DEFAULT)) {
            assertThat(limit.lastCount()).isEqualTo(1);
        }
        Sandbox second = engine.start(SandboxId.randomSession());
        assertRefused();
        assertThat(limit.lastCount()).isEqualTo(2);
        second.close();
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT).close();
    }

    @Test
    void countsNoneThatWaitsInThePool() {
        engine.start(SandboxId.randomSession());
        SandboxId pooled = SandboxId.randomSession();
        future.add(pooled);
        engine.start(pooled);
        try (SessionLimit.Launch _ = limit.acquire(SandboxId.randomSession(), Caller.DEFAULT)) {
            assertThat(limit.lastCount()).isEqualTo(1);
        }
        future.clear();
        assertRefused();
    }

    @Test
    void namesTheLimitAndTellsTheListener() {
        engine.start(SandboxId.randomSession());
        engine.start(SandboxId.randomSession());
        assertRefused();
        assertThat(rejections).containsExactly("SESSION_CREATE session_limit");
    }

    @Test
    void givesTheLastPlaceToOneOfTwoAtOnce() {
        engine.start(SandboxId.randomSession());
        SessionLimit.Launch first = limit.acquire(SandboxId.randomSession(), Caller.DEFAULT);
        assertRefused();
        first.close();
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT).close();
    }

    @Test
    void givesTheLastPlaceToTheEarlierOfTwoThatAskTogether() {
        engine.start(SandboxId.randomSession());
        engine.meanwhile = this::assertRefused;
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT).close();
        assertThat(rejections).hasSize(1);
    }

    /** The engine was asked before the other one ran, and answers when it is no longer in hand. */
    @Test
    void countsOneThatIsReadyWhileTheEngineAnswers() {
        engine.start(SandboxId.randomSession());
        SandboxId other = SandboxId.randomSession();
        SessionLimit.Launch launch = limit.acquire(other, Caller.DEFAULT);
        engine.meanwhile = () -> {
            engine.start(other);
            launch.close();
        };
        assertRefused();
    }

    @Test
    void countsOneThatRunsAndIsStillInHandOnce() {
        SandboxId other = SandboxId.randomSession();
        SessionLimit.Launch launch = limit.acquire(other, Caller.DEFAULT);
        engine.start(other);
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT).close();
        launch.close();
    }

    @Test
    void holdsNothingWhenTheEngineDoesNotTell() {
        engine.down = true;
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> limit.acquire(SandboxId.randomSession(), Caller.DEFAULT))
                    .isInstanceOfSatisfying(
                            ServiceException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE));
        }
        engine.down = false;
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT);
        limit.acquire(SandboxId.randomSession(), Caller.DEFAULT);
        assertRefused();
    }

    private void assertRefused() {
        assertThatThrownBy(() -> limit.acquire(SandboxId.randomSession(), Caller.DEFAULT))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONCURRENCY_LIMIT))
                .hasMessageContaining("maximum of 2 sessions (MAX_SESSIONS)");
    }
}
