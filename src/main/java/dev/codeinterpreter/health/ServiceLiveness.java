package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** At /health/live: down only when a restart would help. An engine that is down is none of that. */
@Liveness
@SingleInstance
class ServiceLiveness implements HealthCheck {
    private final HealthChecker checker;

    @Inject
    ServiceLiveness(HealthChecker checker) {
        this.checker = checker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("checks-are-running")
                .status(!checker.isStuck())
                .build();
    }
}
