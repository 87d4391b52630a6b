package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.pool.WarmPool;
import dev.codeinterpreter.run.Admission;
import dev.codeinterpreter.run.Feeder;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.StagedFiles;
import dev.codeinterpreter.run.Staging;
import dev.codeinterpreter.runner.ProblemReason;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Creates sessions. */
@SingleInstance
public class SessionLifecycle {
    private static final Set<ProblemReason> EXPECTED = EnumSet.of(ProblemReason.NO_SPACE, ProblemReason.UNPROTECTED);

    private final WarmPool pool;
    private final Launcher launcher;
    private final Staging staging;
    private final Admission admission;
    private final Deadlines deadlines;
    private final SessionTimings timings;
    private final SessionLimit limit;
    private final SessionLinks links;
    private final Clock clock;

    @Inject
    SessionLifecycle(
            WarmPool pool,
            Launcher launcher,
            Staging staging,
            Admission admission,
            Deadlines deadlines,
            SessionTimings timings,
            SessionLimit limit,
            SessionLinks links,
            Clock clock) {
        this.pool = pool;
        this.launcher = launcher;
        this.staging = staging;
        this.admission = admission;
        this.deadlines = deadlines;
        this.timings = timings;
        this.limit = limit;
        this.links = links;
        this.clock = clock;
    }

    /**
     * Launches a session that ends after {@code timeToLive}, whatever becomes of us.
     *
     * @throws ServiceException INVALID_REQUEST, NOT_FOUND, TOO_LARGE, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE; nothing is left
     *     then
     * @throws ClientGoneException when it was cancelled meanwhile; nothing is left then either
     */
    public SandboxSummary create(
            Operation operation,
            List<RunRequest.FileReference> references,
            Duration timeToLive,
            Cancellation cancellation) {
        staging.check(references, UnaryOperator.identity());
        return admission.admit(operation, cancellation, session -> Optional.empty(), permit -> {
            try (permit;
                    StagedFiles files = staging.open(references)) {
                return launch(files, timeToLive, cancellation);
            }
        });
    }

    /** Takes a place among the sessions first: nothing of the pool is spent on a refusal. */
    private SandboxSummary launch(StagedFiles files, Duration timeToLive, Cancellation cancellation) {
        cancellation.throwIfCancelled();
        SandboxId id = SandboxId.randomSession();
        try (SessionLimit.Launch launch = limit.acquire(id)) {
            long start = System.nanoTime();
            String tenant = Caller.current().tenant();
            Instant expiresAt = clock.instant().plus(timeToLive);
            ClaimedSandbox sandbox = pool.claimSession(tenant).orElseGet(() -> launcher.launchSession(id, expiresAt));
            launch.becomes(sandbox.id());
            try {
                begin(sandbox, files, () -> left(timeToLive, start), cancellation);
                sandbox.takeConnection().ifPresent(channel -> links.hold(sandbox.id(), channel));
                RequestNotes.current().sandbox(sandbox.id().value());
                return new SandboxSummary(sandbox.id(), SandboxLabels.tenant(tenant), expiresAt);
            } finally {
                pool.settled(sandbox.id());
            }
        }
    }

    /** Closes the sandbox unless it is a session when it returns. */
    private void begin(ClaimedSandbox sandbox, StagedFiles files, Supplier<Duration> left, Cancellation cancellation) {
        boolean begun = false;
        try (Deadlines.Deadline deadline = deadlines.start(timings.creation(), sandbox::close)) {
            cancellation.onCancel(sandbox::close);
            stageAndListen(sandbox, files, left);
            deadline.finish();
            // Nobody would ever learn its id.
            cancellation.throwIfCancelled();
            begun = true;
        } catch (IOException | RuntimeException e) {
            throw cancellation.isCancelled() ? new ClientGoneException(e) : failure(sandbox.id(), e);
        } finally {
            if (!begun) {
                sandbox.close();
            }
        }
    }

    /** When it returns the runner serves its socket, and the end of this channel is not the end of the session. */
    private static void stageAndListen(ClaimedSandbox sandbox, StagedFiles files, Supplier<Duration> left)
            throws IOException {
        RunnerChannel channel = ready(sandbox);
        Feeder feeder = Feeder.start(sandbox.id().value(), sandbox.channel(), () -> {
            try (Span _ = Tracing.begin("workspace.stage")) {
                files.stage(channel);
            }
            channel.listen(left.get());
        });
        try {
            channel.expectDone();
        } catch (IOException e) {
            throw feeder.explain(e);
        }
        sandbox.channel().close();
    }

    private static RunnerChannel ready(ClaimedSandbox sandbox) throws IOException {
        try (Span _ = Tracing.begin("sandbox.ready")) {
            return sandbox.runner();
        }
    }

    /** Of the time to live what has not passed since {@code start}, by {@link System#nanoTime}. */
    private static Duration left(Duration timeToLive, long start) {
        Duration left = timeToLive.minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static RuntimeException failure(SandboxId id, Exception cause) {
        return switch (cause) {
            case RunnerProblemException problem ->
                problem.reason().failure(EXPECTED, new IOException(id + " is of no use", problem));
            case RuntimeException failure -> failure;
            default ->
                ServiceException.capacity(
                        Rejection.SESSION_LOST,
                        "a session ended before it was ready.",
                        new IOException(id + " is lost", cause));
        };
    }
}
