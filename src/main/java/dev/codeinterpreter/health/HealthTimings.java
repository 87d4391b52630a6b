package dev.codeinterpreter.health;

import java.time.Duration;

/**
 * When the backend is asked, beside {@link HealthConfig#interval}. Not for operators.
 *
 * @param retry between two checks while the backend fails, so that it is known soon when it does no longer
 * @param maxAge how long an answer holds for those who ask for a fresh one: what a crowd that polls /ready costs the engine
 */
record HealthTimings(Duration retry, Duration maxAge) {
    static final HealthTimings DEFAULT = new HealthTimings(Duration.ofSeconds(2), Duration.ofSeconds(1));
}
