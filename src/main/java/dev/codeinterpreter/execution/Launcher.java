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
import java.util.Map;

/** Launches sandboxes that are all alike, for single runs and for sessions. */
@ApplicationScoped
public class Launcher {
    private final SandboxBackend backend;
    private final ResourceLimits limits;
    private final Map<String, String> environment;
    private final RunnerConfig runnerConfig;

    @Inject
    Launcher(Settings settings, BackendSelection selection) {
        this.backend = selection.backend();
        this.limits = ResourceLimits.from(settings);
        this.environment = ProgramEnvironment.with(backend.operatorEnvironment(), limits.cpus());
        this.runnerConfig = RunnerConfig.from(settings, limits, environment);
    }

    /** What the runner of every sandbox is told; a session adds its lifetime. */
    public RunnerConfig runnerConfig() {
        return runnerConfig;
    }

    /** As {@link SandboxBackend#launch}; the caller closes it. */
    public Sandbox launch(SandboxId id, SandboxSpec.Lifetime lifetime) {
        return backend.launch(new SandboxSpec(id, RunnerScript.command(), environment, limits, lifetime));
    }
}
