package dev.codeinterpreter.execution;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.pool.WarmPool;
import dev.codeinterpreter.run.Admission;
import dev.codeinterpreter.run.CodeDigest;
import dev.codeinterpreter.run.Command;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ProgramRuns;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.run.StagedFiles;
import dev.codeinterpreter.run.Staging;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The flow of a run: check everything, take a permit, claim a sandbox, run, answer; close the sandbox behind the answer's back. The
 * permit is given back when the sandbox is gone, so that closing never piles up.
 */
@SingleInstance
public class ExecutionService {
    /**
     * What an answer is given to leave before its sandbox is taken apart: that keeps two processors busy for longer than
     * most programs ran, and answers came 1 to 2 ms later for it.
     */
    private static final Duration HEAD_START = Duration.ofMillis(5);

    private final RunConfig config;
    private final WarmPool pool;
    private final ProgramRuns runs;
    private final Staging staging;
    private final Admission admission;
    private final ExecutorService closers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sandbox-closer-", 0).factory());

    @Inject
    ExecutionService(RunConfig config, WarmPool pool, ProgramRuns runs, Staging staging, Admission admission) {
        this.config = config;
        this.pool = pool;
        this.runs = runs;
        this.staging = staging;
        this.admission = admission;
    }

    public RunConfig config() {
        return config;
    }

    /**
     * Runs a program in a sandbox of its own. Nothing is launched before every check has passed, and no program is ever
     * run twice.
     *
     * @throws ServiceException INVALID_REQUEST, NOT_FOUND, TOO_LARGE, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE; never for
     *     what the program does
     * @throws dev.codeinterpreter.error.ClientGoneException when it was cancelled; before it has a permit, no sandbox was
     *     claimed or launched for it
     */
    public RunResult execute(Operation operation, RunRequest request, OutputSink output, Cancellation cancellation) {
        return execute(operation, request, output, cancellation, () -> claim(request));
    }

    /** As {@link #execute}, in a sandbox that is launched for it: what has waited may be of an older image. */
    public RunResult executeInNewSandbox(
            Operation operation, RunRequest request, OutputSink output, Cancellation cancellation) {
        return execute(operation, request, output, cancellation, pool::launchCold);
    }

    private ClaimedSandbox claim(RunRequest request) {
        boolean hasModules =
                request.files().stream().anyMatch(file -> file.path().endsWith(".py"));
        return pool.claim(request.code(), hasModules);
    }

    private RunResult execute(
            Operation operation,
            RunRequest request,
            OutputSink output,
            Cancellation cancellation,
            Supplier<ClaimedSandbox> claim) {
        CodeDigest.note(request.code());
        config.checkTimeout(request.timeout(), Caller.current().limits());
        staging.check(request.files(), WorkspacePath::requireNotEntrypoint);
        return admission.admit(
                operation,
                cancellation,
                result -> Optional.of(result.exit()),
                permit -> run(permit, request, output, cancellation, claim));
    }

    private RunResult run(
            Admission.Permit permit,
            RunRequest request,
            OutputSink output,
            Cancellation cancellation,
            Supplier<ClaimedSandbox> claim) {
        ClaimedSandbox sandbox = null;
        try (StagedFiles files = staging.open(request.files())) {
            cancellation.throwIfCancelled();
            sandbox = claim.get();
            Command program = new OneShot(request, files, sandbox);
            return runs.run(sandbox.id().value(), sandbox.channel(), sandbox::close, program, output, cancellation);
        } finally {
            leave(permit, sandbox);
        }
    }

    private void leave(Admission.Permit permit, @Nullable ClaimedSandbox sandbox) {
        if (sandbox == null) {
            permit.close();
            return;
        }
        closers.execute(RequestId.carry(() -> {
            LockSupport.parkNanos(HEAD_START.toNanos());
            sandbox.close();
            permit.close();
        }));
    }

    /** The web server has stopped by now; the backend, which closes sandboxes, is destroyed later. */
    void close(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        closers.close();
    }
}
