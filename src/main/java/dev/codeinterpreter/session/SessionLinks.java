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
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.schedule.PeriodicTask;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Optional;
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
        parse(session);
    }

    /**
     * A channel to a session's runner, one that has carried a command before or a new one; the caller closes it, or has it
     * held when the command has gone well.
     *
     * @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE
     */
    SessionLink connect(String session) {
        try (Span _ = Tracing.begin("session.connect")) {
            return held.take(session)
                    .flatMap(waiting -> rejoin(session, waiting))
                    .orElseGet(() -> open(session));
        }
    }

    /** Holds a channel that was made ahead for the first command of a session that has just begun. */
    void hold(SandboxId session, SandboxChannel channel) {
        held.put(session.value(), HeldChannels.Held.fresh(channel));
    }

    /** A broken one is replaced at once: no command has been sent yet. */
    private Optional<SessionLink> rejoin(String session, HeldChannels.Held waiting) {
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
                    channel,
                    config,
                    runner,
                    () -> held.put(session, channel),
                    () -> held.put(session, waiting.greeted())));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a held channel to {0} is of no use: {1}", session, e.toString());
            channel.close();
            return Optional.empty();
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private SessionLink open(String session) {
        SandboxChannel channel =
                backend.connect(parse(session), RunnerScript.connector()).orElseThrow(() -> notFound(session));
        return new SessionLink(
                channel, launcher.runnerConfig(), null, () -> held.put(session, channel), channel::close);
    }

    /** Whether what went wrong with a session went wrong because it has ended. */
    boolean hasEnded(String session) {
        return backend.awaitGone(parse(session), timings.ending());
    }

    /** @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE */
    void remove(String session) {
        held.take(session).ifPresent(waiting -> waiting.channel().close());
        if (!backend.remove(parse(session))) {
            throw notFound(session);
        }
    }

    static ServiceException notFound(String session) {
        return new ServiceException(ErrorCode.NOT_FOUND, "Session '%s' not found".formatted(session));
    }

    private static SandboxId parse(String session) {
        return SandboxId.parseSession(session).orElseThrow(() -> notFound(session));
    }
}
