package dev.codeinterpreter.health;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** What MicroProfile Health asks at its own paths, which the probes of the chart use. */
final class HealthChecks {
    private HealthChecks() {}

    /** At /health/started: whether the backend has been asked at all, whatever it said. */
    @Startup
    @SingleInstance
    static class FirstCheckStartup implements HealthCheck {
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

    /** At /health/live: down only when a restart would help. An engine that is down is none of that. */
    @Liveness
    @SingleInstance
    static class ServiceLiveness implements HealthCheck {
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

    /** At /health/ready, from memory: whether the backend could launch sandboxes when it was last asked. */
    @Readiness
    @SingleInstance
    static class BackendReadiness implements HealthCheck {
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
}
