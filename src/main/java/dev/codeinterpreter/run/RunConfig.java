package dev.codeinterpreter.run;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.TenantLimits;
import java.time.Duration;

/**
 * @param maxTimeout that a request may ask for (MAX_EXEC_TIMEOUT_MS)
 * @param maxConcurrent runs at once in this process (MAX_CONCURRENT_EXECUTIONS)
 * @param queueTimeout that a request waits for a permit (EXECUTION_QUEUE_TIMEOUT_SEC)
 * @param maxStagedFiles of one request (MAX_STAGED_FILES)
 * @param maxStagedBytes of one request's files together (MAX_STAGED_MB)
 * @param outputBytes of each stream (MAX_OUTPUT_BYTES)
 * @param results whether what programs show comes back where a request does not object (RESULTS_ENABLED)
 * @param streamKeepAlive silence after which a stream gets a comment (STREAM_KEEPALIVE_SEC)
 */
public record RunConfig(
        Duration maxTimeout,
        int maxConcurrent,
        Duration queueTimeout,
        int maxStagedFiles,
        long maxStagedBytes,
        int outputBytes,
        boolean results,
        Duration streamKeepAlive) {

    public static RunConfig from(Settings settings) {
        return new RunConfig(
                Duration.ofMillis(settings.integer("MAX_EXEC_TIMEOUT_MS", 60_000, 1, 86_400_000)),
                settings.integerAtLeast("MAX_CONCURRENT_EXECUTIONS", 16, 1, 10_000),
                settings.secondsAtLeast("EXECUTION_QUEUE_TIMEOUT_SEC", 30, 0, 3600, 0),
                settings.integer("MAX_STAGED_FILES", 100, 0, 10_000),
                settings.megabytes("MAX_STAGED_MB", 200, 0),
                settings.integer("MAX_OUTPUT_BYTES", 1_000_000, 64, 1 << 30),
                settings.flag("RESULTS_ENABLED", true),
                settings.seconds("STREAM_KEEPALIVE_SEC", 15, 0.1, 3600));
    }

    /** @throws ServiceException INVALID_REQUEST when a request asks for more time than it may have */
    public void checkTimeout(Duration timeout, TenantLimits limits) {
        Duration most =
                limits.maxTimeout().filter(own -> own.compareTo(maxTimeout) < 0).orElse(maxTimeout);
        if (timeout.compareTo(most) > 0) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "timeout_ms exceeds maximum of %d ms".formatted(most.toMillis()));
        }
    }
}
