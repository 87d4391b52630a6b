package dev.codeinterpreter;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorConfig;
import dev.codeinterpreter.execution.ExecutionService;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.health.HealthChecker;
import dev.codeinterpreter.logging.LogConfig;
import dev.codeinterpreter.pool.WarmPool;
import dev.codeinterpreter.server.BrowserConfig;
import dev.codeinterpreter.server.ConnectionLimits;
import dev.codeinterpreter.session.SessionConfig;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;

/**
 * What happens once, before anything else: every setting is read and checked, and the health checks begin. Beans read their
 * settings when they are made, and whatever has any is made for this one; what reads or writes more than settings is not.
 */
@SingleInstance
class Startup {
    private static final System.Logger LOG = System.getLogger(Startup.class.getName());

    private final Settings settings;
    private final FilesConfig files;
    private final ExecutionService executions;
    private final WarmPool pool;
    private final RequestBodies bodies;
    private final ErrorConfig errors;
    private final BrowserConfig browsers;
    private final HealthChecker health;
    private final ConnectionLimits connections;

    @Inject
    Startup(
            Settings settings,
            FilesConfig files,
            ExecutionService executions,
            WarmPool pool,
            RequestBodies bodies,
            ErrorConfig errors,
            BrowserConfig browsers,
            HealthChecker health,
            ConnectionLimits connections) {
        this.settings = settings;
        this.files = files;
        this.executions = executions;
        this.pool = pool;
        this.bodies = bodies;
        this.errors = errors;
        this.browsers = browsers;
        this.health = health;
        this.connections = connections;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) @Priority(1) Object event) {
        List<Record> inForce = List.of(
                ServerSettings.from(settings),
                connections,
                LogConfig.from(settings),
                executions.config(),
                SessionConfig.from(settings),
                pool.config(),
                files,
                bodies.limits(),
                errors,
                browsers,
                health.config());
        settings.verify();
        inForce.forEach(config -> LOG.log(System.Logger.Level.INFO, config.toString()));
        health.start();
    }
}
