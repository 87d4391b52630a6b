package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.RunnerProtocolException;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.schedule.PeriodicTask;
import dev.codeinterpreter.tenant.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Removes sandboxes that should have ended, also those of processes of ours that have died. Each ends by itself at its time
 * or with its owner; this is for one that cannot, because its container is stuck. What its label says is over proves
 * nothing for a session, which may have been extended, or have waited in the pool: its runner is asked, and only one that
 * does not answer is removed.
 */
@SingleInstance
class OverdueReaper {
    private static final System.Logger LOG = System.getLogger(OverdueReaper.class.getName());

    private final SandboxBackend backend;
    private final BiFunction<String, String, Instant> expiry;
    private final SessionLimit limit;
    private final Clock clock;
    private final SessionTimings timings;
    private @Nullable PeriodicTask task;

    @Inject
    OverdueReaper(
            BackendSelection selection, SessionCalls calls, SessionLimit limit, Clock clock, SessionTimings timings) {
        this(
                selection.backend(),
                (session, tenantLabel) ->
                        Caller.serviceFor(Caller.DEFAULT_TENANT).get(() -> calls.expiry(session, tenantLabel)),
                limit,
                clock,
                timings);
    }

    /** @param expiry asks the runner of a session of the tenant with a label, as {@link SessionCalls#expiry} */
    OverdueReaper(
            SandboxBackend backend,
            BiFunction<String, String, Instant> expiry,
            SessionLimit limit,
            Clock clock,
            SessionTimings timings) {
        this.backend = backend;
        this.expiry = expiry;
        this.limit = limit;
        this.clock = clock;
        this.timings = timings;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        task = PeriodicTask.nowAndEvery(timings.overdueScan(), "overdue-reaper", this::reap);
    }

    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (task != null) {
            task.close();
        }
    }

    void reap() {
        try {
            List<SandboxSummary> sandboxes = backend.list();
            limit.observe(sandboxes);
            for (SandboxSummary sandbox : sandboxes) {
                // Asked twice: a program that takes all memory or all processes for a moment may cost an answer.
                if (sandbox.expiresAt().plus(timings.overdueMargin()).isBefore(clock.instant())
                        && !mayLive(sandbox)
                        && !mayLive(sandbox)) {
                    LOG.log(System.Logger.Level.WARNING, "removing sandbox {0}, which is overdue", sandbox.id());
                    backend.remove(sandbox.id(), sandbox.tenantLabel());
                }
            }
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot look for sandboxes that are overdue", e);
        }
    }

    private boolean mayLive(SandboxSummary sandbox) {
        if (!sandbox.id().isSession()) {
            return false;
        }
        try {
            return expiry.apply(sandbox.id().value(), sandbox.tenantLabel()).isAfter(clock.instant());
        } catch (ServiceException e) {
            // Only a session that is asked and does not answer has ended. It says nothing about the session that all
            // permits are taken, that the engine is slow, or that it answers in the runner's place since the session
            // has no process left; and a runner that lives ends at its time.
            boolean isSilent = e.reason().equals(Rejection.SESSION_LOST.label())
                    && !(e.getCause() instanceof RunnerProtocolException);
            return e.code() != ErrorCode.NOT_FOUND && !isSilent;
        }
    }
}
