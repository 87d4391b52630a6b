package dev.codeinterpreter;

import dev.codeinterpreter.auth.Keys;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.health.HealthChecker;
import dev.codeinterpreter.trace.Traces;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * What happens once, before anything else: every setting is read and checked, and the health checks begin. A bean that reads
 * settings of its own, as the backend does, is made for this one. Only the backend reads more than settings by then: it begins
 * to look at its engine when it is made.
 */
@SingleInstance
class Startup {
    private static final System.Logger LOG = System.getLogger(Startup.class.getName());

    private final Settings settings;
    private final Configuration configuration;
    private final HealthChecker health;
    private final Traces traces;
    private final Keys keys;

    /**
     * @param health knows the backend, which has read its own settings by now
     * @param traces has read its own, too
     * @param keys have been read by now: a file that is wrong ends the start
     */
    @Inject
    Startup(Settings settings, Configuration configuration, HealthChecker health, Traces traces, Keys keys) {
        this.settings = settings;
        this.configuration = configuration;
        this.health = health;
        this.traces = traces;
        this.keys = keys;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) @Priority(1) Object event) {
        settings.verify();
        settings.warnings().forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
        if (!configuration.auth().isOn() && !configuration.server().isLoopback()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "There is no authentication: who reaches {0}:{1} may run programs. Set AUTH_KEYS_FILE or AUTH_JWT_ISSUER, "
                            + "or HOST=127.0.0.1, or keep others away by the network",
                    configuration.server().host(),
                    Integer.toString(configuration.server().port()));
        }
        configuration.all().forEach(config -> LOG.log(System.Logger.Level.INFO, config.toString()));
        traces.tracer().ifPresent(_ -> LOG.log(System.Logger.Level.INFO, "requests are traced"));
        keys.report();
        health.start();
    }
}
