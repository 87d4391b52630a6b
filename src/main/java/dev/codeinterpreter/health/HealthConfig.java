package dev.codeinterpreter.health;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;

/**
 * @param interval between two checks of the backend (HEALTH_CHECK_INTERVAL_SEC)
 * @param timeout that one check may take (BACKEND_CHECK_TIMEOUT_SEC)
 */
public record HealthConfig(Duration interval, Duration timeout) {

    public static HealthConfig from(Settings settings) {
        return new HealthConfig(
                settings.secondsAtLeast("HEALTH_CHECK_INTERVAL_SEC", 30, 0.1, 3600, 1),
                settings.secondsAtLeast("BACKEND_CHECK_TIMEOUT_SEC", 2.5, 0.1, 60, 0.1));
    }
}
