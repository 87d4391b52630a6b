package dev.codeinterpreter.error;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;
import java.util.Optional;

/**
 * When refused clients may try again.
 *
 * @param executionRetryAfter when every permit for a run is taken
 * @param capacityRetryAfter when the engine cannot serve
 */
public record ErrorConfig(Duration executionRetryAfter, Duration capacityRetryAfter) {
    private static final int DAY = 86_400;

    /** Reads EXECUTION_RETRY_AFTER_SEC and CAPACITY_RETRY_AFTER_SEC. */
    public static ErrorConfig from(Settings settings) {
        return new ErrorConfig(
                Duration.ofSeconds(settings.integerAtLeast("EXECUTION_RETRY_AFTER_SEC", 2, 1, DAY)),
                Duration.ofSeconds(settings.integerAtLeast("CAPACITY_RETRY_AFTER_SEC", 10, 1, DAY)));
    }

    public Optional<Duration> retryAfter(ErrorCode code) {
        return switch (code) {
            case CONCURRENCY_LIMIT, RATE_LIMITED -> Optional.of(executionRetryAfter);
            case CAPACITY_UNAVAILABLE -> Optional.of(capacityRetryAfter);
            default -> Optional.empty();
        };
    }
}
