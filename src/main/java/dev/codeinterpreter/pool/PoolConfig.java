package dev.codeinterpreter.pool;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;

/**
 * @param size how many sandboxes are kept ready with PRELOAD_MODULES imported (WARM_POOL_SIZE); 0 keeps none
 * @param bareSize how many are kept ready with nothing imported (WARM_POOL_BARE_SIZE)
 * @param sessionSize how many are kept ready for sessions, with the libraries (WARM_POOL_SESSION_SIZE)
 * @param maxIdle after which one is replaced, used or not (WARM_POOL_MAX_IDLE_SEC)
 */
public record PoolConfig(int size, int bareSize, int sessionSize, Duration maxIdle) {
    private static final int MAX_SIZE = 1000;

    /** A burst is larger than what imports can keep up with, and a bare sandbox takes a fifth of the memory of the other. */
    private static final int BARE_FOR_EACH_PRELOADED = 3;

    public static PoolConfig from(Settings settings) {
        int processors = Runtime.getRuntime().availableProcessors();
        int size = settings.integer("WARM_POOL_SIZE", Math.max(2, processors), 0, MAX_SIZE);
        return new PoolConfig(
                size,
                settings.integer(
                        "WARM_POOL_BARE_SIZE", Math.min(BARE_FOR_EACH_PRELOADED * size, MAX_SIZE), 0, MAX_SIZE),
                settings.integer("WARM_POOL_SESSION_SIZE", Math.min(1, size), 0, MAX_SIZE),
                settings.seconds("WARM_POOL_MAX_IDLE_SEC", 600, 1, 86_400));
    }

    /** Without libraries to import one kind is as the other. */
    PoolConfig withoutLibraries() {
        return new PoolConfig(0, Math.min(size + bareSize, MAX_SIZE), sessionSize, maxIdle);
    }

    int target(Kind kind) {
        return switch (kind) {
            case BARE -> bareSize;
            case PRELOADED -> size;
            case SESSION -> sessionSize;
        };
    }

    /** Of those for runs. */
    int runs() {
        return size + bareSize;
    }
}
