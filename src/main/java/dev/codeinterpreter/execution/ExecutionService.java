package dev.codeinterpreter.execution;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The flow of a run: check everything, take a place, launch, run, answer; close the sandbox behind the answer's back. The
 * place is given back when the sandbox is gone, so that closing never piles up.
 */
@ApplicationScoped
public class ExecutionService {
    private final ExecutionConfig config;
    private final RunnerConfig runnerConfig;
    private final SandboxSpec spec;
    private final SandboxBackend backend;
    private final FileStore store;
    private final Admission admission;
    private final Deadlines deadlines = new Deadlines();
    private final ExecutorService closers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sandbox-closer-", 0).factory());

    @Inject
    ExecutionService(Settings settings, BackendSelection selection, FileStore store) {
        this.config = ExecutionConfig.from(settings);
        this.backend = selection.backend();
        this.store = store;
        this.admission = new Admission(config.maxConcurrent(), config.queueTimeout());
        Map<String, String> environment = ProgramEnvironment.with(
                backend.operatorEnvironment(), config.limits().cpus());
        this.runnerConfig = RunnerConfig.from(settings, config.limits(), environment);
        this.spec = new SandboxSpec(RunnerScript.command(), environment, config.limits());
    }

    public ExecutionConfig config() {
        return config;
    }

    /**
     * Runs a program in a sandbox of its own. Nothing is launched before every check has passed, and no program is ever
     * run twice.
     *
     * @throws ServiceException INVALID_REQUEST, NOT_FOUND, TOO_LARGE, SATURATED or CAPACITY_UNAVAILABLE; never for what the
     *     program does
     */
    public ExecutionResult execute(ExecutionRequest request, OutputSink output, Cancellation cancellation) {
        if (request.timeout().compareTo(config.maxTimeout()) > 0) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "timeout_ms exceeds maximum of %d ms"
                            .formatted(config.maxTimeout().toMillis()));
        }
        StagedFiles.check(request.files(), store, config);
        Admission.Place place = admission.enter();
        Sandbox sandbox = null;
        try (StagedFiles files = StagedFiles.open(request.files(), store)) {
            sandbox = backend.launch(spec);
            cancellation.onCancel(sandbox::close);
            return new ProgramRun(sandbox, runnerConfig, store, deadlines, cancellation).run(request, files, output);
        } finally {
            leave(place, sandbox);
        }
    }

    private void leave(Admission.Place place, @Nullable Sandbox sandbox) {
        if (sandbox == null) {
            place.close();
            return;
        }
        closers.execute(() -> {
            sandbox.close();
            place.close();
        });
    }

    /** The web server has stopped by now; the backend, which closes sandboxes, is destroyed later. */
    void close(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        closers.close();
        deadlines.close();
    }
}
