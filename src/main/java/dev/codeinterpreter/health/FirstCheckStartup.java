package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** At /health/started: whether the backend has been asked at all, whatever it said. */
@Startup
@SingleInstance
class FirstCheckStartup implements HealthCheck {
    private final HealthChecker checker;

    @Inject
    FirstCheckStartup(HealthChecker checker) {
        this.checker = checker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("first-check")
                .status(checker.hasChecked())
                .build();
    }
}
