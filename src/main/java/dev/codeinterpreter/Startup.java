package dev.codeinterpreter;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.execution.ExecutionService;
import dev.codeinterpreter.health.HealthChecker;
import dev.codeinterpreter.sandbox.BackendSelection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/** What happens once, before the first request: every setting is read, and the background work begins. */
@ApplicationScoped
class Startup {
    private static final System.Logger LOG = System.getLogger(Startup.class.getName());

    private final Settings settings;
    private final BackendSelection selection;
    private final ExecutionService executions;
    private final HealthChecker health;

    @Inject
    Startup(Settings settings, BackendSelection selection, ExecutionService executions, HealthChecker health) {
        this.settings = settings;
        this.selection = selection;
        this.executions = executions;
        this.health = health;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        // Beans come to life at their first call, and read their settings then.
        LOG.log(System.Logger.Level.INFO, "backend {0}, {1}", selection.name(), executions.config());
        settings.verify();
        health.start();
    }
}
