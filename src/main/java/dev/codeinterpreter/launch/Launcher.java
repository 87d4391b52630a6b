package dev.codeinterpreter.launch;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.BackendTraits;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;

/** Launches sandboxes that are all alike, for single runs and for sessions. */
@SingleInstance
public class Launcher {
    /**
     * How long a sandbox for one run may live beside the run itself and its time in the pool. Its owner closes it minutes
     * earlier; the rest is for clocks that differ or jump, since the process that scans for overdue sandboxes may be another
     * process.
     */
    private static final Duration BEYOND_A_RUN = Duration.ofHours(1);

    /** For preloaded libraries until the first warm sandbox has said what they take: twice what the default ones do. */
    private static final long UNMEASURED_LIBRARIES = 256L << 20;

    private static final long MAX_LIBRARIES = 2L << 30;

    private final SandboxBackend backend;
    private final ResourceLimits limits;
    private final Map<String, String> environment;
    private final RunnerConfig warmConfig;
    private final RunnerConfig coldConfig;
    private final Clock clock;
    private final Duration longestLife;
    private volatile long warmRunnerMemory;

    @Inject
    Launcher(LaunchConfig config, RunConfig runs, FilesConfig files, BackendSelection selection, Clock clock) {
        this(config, runs, files, selection.backend(), clock);
    }

    /** For tests, on a backend of theirs. */
    public Launcher(LaunchConfig config, RunConfig runs, FilesConfig files, SandboxBackend backend, Clock clock) {
        BackendTraits traits = backend.traits();
        this.backend = backend;
        this.clock = clock;
        this.limits = traits.limits();
        this.environment = ProgramEnvironment.with(traits.environment(), limits.cpus());
        this.warmConfig = new RunnerConfig(
                config.preload(),
                environment,
                traits.confinement(),
                runs.outputBytes(),
                limits.cpuSeconds(),
                Math.max(limits.workspace(), limits.tmp()),
                config.maxOutputFiles(),
                files.maxFileBytes(),
                // What fits into the workspace; only files with holes can announce more.
                limits.workspace(),
                OptionalLong.empty());
        this.coldConfig = warmConfig.withoutPreloading();
        this.longestLife = runs.maxTimeout().plus(BEYOND_A_RUN);
        this.warmRunnerMemory = limits.runnerMemory() + (config.preload().isEmpty() ? 0 : UNMEASURED_LIBRARIES);
    }

    /** The configuration of a runner that preloads nothing; a session adds its lifetime. */
    public RunnerConfig runnerConfig() {
        return coldConfig;
    }

    /** Launches a session's, as {@link SandboxBackend#launch} does; the caller closes it. */
    public Sandbox launch(SandboxId id, Instant expiresAt) {
        return launch(id, expiresAt, limits);
    }

    /** Launches a sandbox for one run and returns when it runs, ready or not. The caller closes it. */
    public ClaimedSandbox launchCold() {
        return new ColdSandbox(launch(SandboxId.random(), end(), limits), coldConfig);
    }

    /**
     * Launches one for the pool. Libraries are imported when {@link #awaitReady} returns.
     *
     * @param maxIdle how long it may wait in the pool before its run
     */
    public Sandbox launchWarm(Duration maxIdle) {
        return launch(SandboxId.random(), end().plus(maxIdle), limits.withRunnerMemory(warmRunnerMemory));
    }

    /**
     * Waits until a sandbox of the pool is ready. What it says of its memory is what the next ones get for their
     * libraries, so that preloading costs the program none of its own.
     */
    public RunnerChannel awaitReady(Sandbox sandbox) throws IOException {
        RunnerChannel runner = RunnerChannel.open(sandbox.channel(), warmConfig);
        warmRunnerMemory = limits.runnerMemory() + Math.min(runner.ready().memoryBytes(), MAX_LIBRARIES);
        return runner;
    }

    /** See {@link SandboxBackend#revision}. */
    public String revision() {
        return backend.revision();
    }

    private Instant end() {
        return clock.instant().plus(longestLife);
    }

    private Sandbox launch(SandboxId id, Instant expiresAt, ResourceLimits bounds) {
        return backend.launch(new SandboxSpec(id, RunnerScript.command(), environment, bounds, expiresAt));
    }
}
