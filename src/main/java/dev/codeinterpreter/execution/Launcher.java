package dev.codeinterpreter.execution;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Launches sandboxes that are all alike, for single runs and for sessions. */
@ApplicationScoped
public class Launcher {
    /**
     * What a sandbox for one run may live beside the run itself. Its owner closes it minutes earlier; the rest is for
     * clocks that differ or jump, since whoever looks for overdue sandboxes may be another process.
     */
    private static final Duration BEYOND_A_RUN = Duration.ofHours(1);

    private final SandboxBackend backend;
    private final ResourceLimits limits;
    private final Map<String, String> environment;
    private final RunnerConfig runnerConfig;
    private final Clock clock;
    private final Duration longestLife;

    @Inject
    Launcher(Settings settings, BackendSelection selection, Clock clock) {
        this.clock = clock;
        this.backend = selection.backend();
        this.limits = backend.limits(ResourceLimits.from(settings));
        this.environment = ProgramEnvironment.with(backend.operatorEnvironment(), limits.cpus());
        this.longestLife = ExecutionConfig.from(settings).maxTimeout().plus(BEYOND_A_RUN);
        this.runnerConfig = RunnerConfig.from(settings, limits, environment, backend.sockets());
    }

    /** What the runner of every sandbox is told; a session adds its lifetime. */
    public RunnerConfig runnerConfig() {
        return runnerConfig;
    }

    /** Launches a sandbox for one run, as {@link SandboxBackend#launch} does; the caller closes it. */
    public Sandbox launch() {
        return launch(SandboxId.random(), clock.instant().plus(longestLife));
    }

    /** As {@link SandboxBackend#launch}; the caller closes it. */
    public Sandbox launch(SandboxId id, Instant expiresAt) {
        return backend.launch(new SandboxSpec(id, RunnerScript.command(), environment, limits, expiresAt));
    }
}
