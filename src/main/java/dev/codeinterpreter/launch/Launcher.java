package dev.codeinterpreter.launch;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
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
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSpec;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Tenants;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Launches sandboxes that are alike but for the memory of libraries, for single runs and for sessions. */
@SingleInstance
public class Launcher {
    /**
     * How long a sandbox for one run may live beside the run itself and its time in the pool. Its owner closes it minutes
     * earlier; the rest is for clocks that differ or jump, since the process that scans for overdue sandboxes may be another
     * process.
     */
    private static final Duration BEYOND_A_RUN = Duration.ofHours(1);

    /** Until the first sandbox has reported what its libraries take: more than three times what the default ones do. */
    private static final long UNMEASURED_LIBRARIES = 256L << 20;

    private static final long MAX_LIBRARIES = 2L << 30;

    private final SandboxBackend backend;
    private final ResourceLimits limits;
    private final Map<String, String> environment;
    private final RunnerConfig runnerConfig;
    private final boolean idleTakesRoom;
    private final List<String> libraries;
    private final LibraryNames libraryNames;
    private final Clock clock;
    private final Tenants tenants;
    private final Duration longestLife;
    private volatile long libraryMemory;

    @Inject
    Launcher(
            LaunchConfig config,
            RunConfig runs,
            FilesConfig files,
            BackendSelection selection,
            Clock clock,
            Tenants tenants) {
        this(config, runs, files, selection.backend(), clock, tenants);
    }

    /** For tests, on a backend of theirs. */
    public Launcher(
            LaunchConfig config,
            RunConfig runs,
            FilesConfig files,
            SandboxBackend backend,
            Clock clock,
            Tenants tenants) {
        this.tenants = tenants;
        BackendTraits traits = backend.traits();
        this.backend = backend;
        this.clock = clock;
        this.limits = traits.limits();
        this.idleTakesRoom = traits.idleTakesRoom();
        this.environment = ProgramEnvironment.with(traits.environment(), limits.cpus());
        this.libraries = config.preload();
        this.libraryNames = new LibraryNames(libraries);
        this.runnerConfig = new RunnerConfig(
                environment,
                traits.confinement(),
                runs.outputBytes(),
                limits.cpuSeconds(),
                Math.max(limits.workspace(), limits.tmp()),
                config.maxOutputFiles(),
                files.maxFileBytes(),
                // What fits into the workspace; only files with holes can announce more.
                limits.workspace(),
                runs.results() ? config.notebook() : config.notebook().withoutResults(),
                false);
        this.longestLife = runs.maxTimeout().plus(BEYOND_A_RUN);
        this.libraryMemory = UNMEASURED_LIBRARIES;
    }

    /** The configuration of a runner for a single run. */
    public RunnerConfig runnerConfig() {
        return runnerConfig;
    }

    /** See {@link BackendTraits}. */
    public boolean idleTakesRoom() {
        return idleTakesRoom;
    }

    /** The modules that sandboxes of the pool import (PRELOAD_MODULES). */
    public List<String> libraries() {
        return libraries;
    }

    /** Which of {@link #libraries} the program may import. */
    public Set<String> librariesNamedIn(Text code) {
        return libraryNames.namedIn(code);
    }

    /** For whom sandboxes can be launched before anybody asks, see {@link Tenants#only}. */
    public String tenant() {
        return tenants.only();
    }

    /**
     * Launches the sandbox of a session of the caller's tenant, as {@link SandboxBackend#launch} does, and returns when it runs,
     * ready or not. The caller closes it.
     */
    public ClaimedSandbox launchSession(SandboxId id, Instant expiresAt) {
        return new ColdSandbox(launch(id, Caller.current().tenant(), expiresAt, limits), runnerConfig.forSession());
    }

    /** Launches a sandbox for one run of the caller and returns when it runs, ready or not. The caller closes it. */
    public ClaimedSandbox launchCold() {
        return new ColdSandbox(launch(SandboxId.random(), Caller.current().tenant(), end(), limits), runnerConfig);
    }

    /**
     * Launches one for the pool.
     *
     * @param id of a session, or of a single run
     * @param tenant whose it will be; empty when it may be anybody's
     * @param maxIdle how long it may wait in the pool
     * @param withLibraries whether it gets memory for {@link #libraries}, if there are any, so that they cost the program
     *     none of its own
     */
    public Sandbox launchWarm(SandboxId id, String tenant, Duration maxIdle, boolean withLibraries) {
        ResourceLimits bounds = withLibraries && !libraries.isEmpty()
                ? limits.withRunnerMemory(limits.runnerMemory() + libraryMemory)
                : limits;
        return launch(id, tenant, end().plus(maxIdle), bounds);
    }

    /** Waits until a sandbox of the pool is ready to run a program; its libraries, if any, are imported later. */
    public RunnerChannel awaitReady(Sandbox sandbox) throws IOException {
        return RunnerChannel.open(
                sandbox.channel(), sandbox.id().isSession() ? runnerConfig.forSession() : runnerConfig);
    }

    /**
     * A channel to the socket of a runner that begins a session or is about to; the caller closes it.
     *
     * @throws dev.codeinterpreter.error.ServiceException as {@link SandboxBackend#connect} does
     */
    public Optional<SandboxChannel> connect(SandboxId id, String tenant) {
        return backend.connect(id, SandboxLabels.tenant(tenant), RunnerScript.connector());
    }

    /** @param bytes that a program holds with the libraries before it begins: what the next ones get for them */
    public void measured(long bytes) {
        libraryMemory = Math.min(bytes, MAX_LIBRARIES);
    }

    /** See {@link SandboxBackend#revision}. */
    public String revision() {
        return backend.revision();
    }

    private Instant end() {
        return clock.instant().plus(longestLife);
    }

    private Sandbox launch(SandboxId id, String tenant, Instant expiresAt, ResourceLimits bounds) {
        try (Span span = Tracing.begin("sandbox.launch")) {
            try {
                return backend.launch(
                        new SandboxSpec(id, tenant, RunnerScript.command(), environment, bounds, expiresAt));
            } catch (ServiceException e) {
                span.fail(e.reason());
                throw e;
            }
        }
    }

    /** One that was launched for its run. Its runner preloads nothing: the program imports what it needs, and no more. */
    private record ColdSandbox(Sandbox sandbox, RunnerConfig config) implements ClaimedSandbox {
        @Override
        public SandboxId id() {
            return sandbox.id();
        }

        @Override
        public SandboxChannel channel() {
            return sandbox.channel();
        }

        @Override
        public RunnerChannel runner() throws IOException {
            return RunnerChannel.open(sandbox.channel(), config);
        }

        @Override
        public void close() {
            sandbox.close();
        }
    }
}
