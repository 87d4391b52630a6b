package dev.codeinterpreter.pool;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;

/**
 * @param size how many sandboxes are kept ready (WARM_POOL_SIZE); 0 keeps none
 * @param maxIdle after which one is replaced, used or not (WARM_POOL_MAX_IDLE_SEC)
 */
public record PoolConfig(int size, Duration maxIdle) {

    public static PoolConfig from(Settings settings) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new PoolConfig(
                settings.integer("WARM_POOL_SIZE", Math.max(2, processors), 0, 1000),
                settings.seconds("WARM_POOL_MAX_IDLE_SEC", 600, 1, 86_400));
    }
}
