package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.schedule.PeriodicTask;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** From what a client calls a session to the session. Whatever is not a session of ours is not found, and not touched. */
@SingleInstance
class SessionLinks {
    private static final System.Logger LOG = System.getLogger(SessionLinks.class.getName());

    private static final int MAX_HELD = 64;

    private final SandboxBackend backend;
    private final Launcher launcher;
    private final Deadlines deadlines;
    private final SessionTimings timings;
    private final HeldChannels held;
    private @Nullable PeriodicTask scan;

    @Inject
    SessionLinks(BackendSelection selection, Launcher launcher, Deadlines deadlines, SessionTimings timings) {
        this.backend = selection.backend();
        this.launcher = launcher;
        this.deadlines = deadlines;
        this.timings = timings;
        this.held = new HeldChannels(MAX_HELD, timings.maxIdle());
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        scan = PeriodicTask.every(timings.channelScan(), "held-channels", held::expire);
    }

    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (scan != null) {
            scan.close();
        }
        held.closeAll();
    }

    /** @throws ServiceException NOT_FOUND when it cannot be the id of a session */
    void checkId(String session) {
        RequestNotes.current().sandbox(parse(session).value());
    }

    /**
     * A channel to a session's runner, one that has carried a command before or a new one; the caller closes it, or has it
     * held when the command has gone well.
     *
     * @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE
     */
    SessionLink connect(String session) {
        return connect(session, ownLabel());
    }

    /** As the other, in the name of the tenant with that label. */
    SessionLink connect(String session, String tenantLabel) {
        String key = key(session, tenantLabel);
        try (Span _ = Tracing.begin("session.connect")) {
            return held.take(key)
                    .flatMap(waiting -> rejoin(key, waiting))
                    .orElseGet(() -> open(session, tenantLabel, key));
        }
    }

    /** Holds a channel that was made ahead for the first command of a session that has just begun. */
    void hold(SandboxId session, SandboxChannel channel) {
        held.put(key(session.value(), ownLabel()), HeldChannels.Held.fresh(channel));
    }

    /** A broken one is replaced at once: no command has been sent yet. */
    private Optional<SessionLink> rejoin(String key, HeldChannels.Held waiting) {
        SandboxChannel channel = waiting.channel();
        try (Deadlines.Deadline deadline = deadlines.start(timings.rejoin(), channel::close)) {
            RunnerConfig config = launcher.runnerConfig();
            if (waiting.greets()) {
                // That connection may have been given up since: the command gets another one as ever.
                RunnerChannel.join(channel, config);
            }
            RunnerChannel runner = RunnerChannel.joinAgain(channel, config);
            deadline.finish();
            return Optional.of(new SessionLink(
                    channel, config, runner, () -> held.put(key, channel), () -> held.put(key, waiting.greeted())));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a held channel to {0} is of no use: {1}", key, e.toString());
            channel.close();
            return Optional.empty();
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private SessionLink open(String session, String tenantLabel, String key) {
        long asked = System.nanoTime();
        SandboxChannel channel = backend.connect(parse(session), tenantLabel, RunnerScript.connector())
                .orElseThrow(() -> absent(session, asked));
        return new SessionLink(channel, launcher.runnerConfig(), null, () -> held.put(key, channel), channel::close);
    }

    /** Whether what went wrong with a session went wrong because it has ended. */
    boolean hasEnded(String session) {
        return backend.awaitGone(parse(session), timings.ending());
    }

    /** @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE */
    void remove(String session) {
        held.take(key(session, ownLabel()))
                .ifPresent(waiting -> waiting.channel().close());
        long asked = System.nanoTime();
        if (!backend.remove(parse(session), ownLabel())) {
            throw absent(session, asked);
        }
    }

    /** Once it no longer shows from the time whether there is such a session of another tenant. */
    private ServiceException absent(String session, long asked) {
        long step = timings.absence().toNanos();
        LockSupport.parkNanos(step - (System.nanoTime() - asked) % step);
        return notFound(session);
    }

    static ServiceException notFound(String session) {
        return new ServiceException(ErrorCode.NOT_FOUND, "Session '%s' not found".formatted(session));
    }

    /** A channel that one tenant has opened leads no other into the session. */
    private static String key(String session, String tenantLabel) {
        return session + ' ' + tenantLabel;
    }

    private static String ownLabel() {
        return SandboxLabels.tenant(Caller.current().tenant());
    }

    private static SandboxId parse(String session) {
        return SandboxId.parseSession(session).orElseThrow(() -> notFound(session));
    }
}
