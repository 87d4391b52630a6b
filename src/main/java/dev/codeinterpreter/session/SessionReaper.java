package dev.codeinterpreter.session;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SessionSummary;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Removes sessions that should have ended. A session's runner ends it at its time by itself; this is for a runner that
 * cannot, because its container is stuck. A label that is over proves nothing, since the session may have been prolonged:
 * the runner is asked, and only one that does not answer loses its container.
 */
@ApplicationScoped
class SessionReaper {
    private static final System.Logger LOG = System.getLogger(SessionReaper.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(30);

    /** For the runner to have done it itself, and for clocks that differ. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final SandboxBackend backend;
    private final SessionCalls calls;
    private final Clock clock;
    private @Nullable PeriodicTask task;

    @Inject
    SessionReaper(BackendSelection selection, SessionCalls calls, Clock clock) {
        this.backend = selection.backend();
        this.calls = calls;
        this.clock = clock;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        task = PeriodicTask.nowAndEvery(PERIOD, "session-reaper", this::reap);
    }

    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (task != null) {
            task.close();
        }
    }

    private void reap() {
        try {
            for (SessionSummary session : backend.sessions()) {
                if (session.expiresAt().plus(MARGIN).isBefore(clock.instant()) && !answers(session)) {
                    LOG.log(System.Logger.Level.WARNING, "removing session {0}, which is over and stuck", session.id());
                    backend.remove(session.id());
                }
            }
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot look for sessions that are over", e);
        }
    }

    private boolean answers(SessionSummary session) {
        try {
            return calls.expiry(session.id().value()).isAfter(clock.instant());
        } catch (ServiceException e) {
            return false;
        }
    }
}
