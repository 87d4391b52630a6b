package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** At /health/ready, from memory: whether the backend could launch sandboxes when it was last asked. */
@Readiness
@SingleInstance
class BackendReadiness implements HealthCheck {
    private final HealthChecker checker;

    @Inject
    BackendReadiness(HealthChecker checker) {
        this.checker = checker;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("backend");
        checker.last().problem().ifPresent(problem -> response.withData("problem", problem));
        return response.status(checker.last().isOk()).build();
    }
}
