package dev.codeinterpreter.pool;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;

/**
 * @param size how many sandboxes are kept ready with PRELOAD_MODULES imported (WARM_POOL_SIZE); 0 keeps none
 * @param bareSize how many are kept ready with nothing imported (WARM_POOL_BARE_SIZE)
 * @param sessionSize how many are kept ready for sessions (WARM_POOL_SESSION_SIZE)
 * @param maxIdle after which an idle one is replaced at the latest (WARM_POOL_MAX_IDLE_SEC)
 */
public record PoolConfig(int size, int bareSize, int sessionSize, Duration maxIdle) {
    private static final int MAX_SIZE = 1000;

    /** A burst is larger than what imports can keep up with, and a bare sandbox takes a sixth of the memory of the other. */
    private static final int BARE_FOR_EACH_PRELOADED = 3;

    /** The default depends on the backend. */
    private static final int UNSET = -1;

    public static PoolConfig from(Settings settings) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new PoolConfig(
                settings.integer("WARM_POOL_SIZE", Math.max(2, processors), 0, MAX_SIZE),
                settings.integer("WARM_POOL_BARE_SIZE", UNSET, 0, MAX_SIZE),
                settings.integer("WARM_POOL_SESSION_SIZE", UNSET, 0, MAX_SIZE),
                settings.seconds("WARM_POOL_MAX_IDLE_SEC", 600, 1, 86_400));
    }

    /**
     * The sizes on a backend: every default is a multiple of what may be kept unasked.
     *
     * @param idleTakesRoom see {@link dev.codeinterpreter.sandbox.BackendTraits}: then nothing is kept that was not asked for
     * @param hasLibraries without any one kind is as the other
     */
    PoolConfig resolved(boolean idleTakesRoom, boolean hasLibraries) {
        int unasked = idleTakesRoom ? 0 : size;
        int bare = orDefault(bareSize, BARE_FOR_EACH_PRELOADED * unasked);
        int sessions = orDefault(sessionSize, Math.min(1, unasked));
        return hasLibraries
                ? new PoolConfig(size, Math.min(bare, MAX_SIZE), sessions, maxIdle)
                : new PoolConfig(0, Math.min(size + bare, MAX_SIZE), sessions, maxIdle);
    }

    private static int orDefault(int given, int defaultSize) {
        return given == UNSET ? defaultSize : given;
    }

    int target(Kind kind) {
        return switch (kind) {
            case BARE -> bareSize;
            case WITH_LIBRARIES -> size;
            case SESSION -> sessionSize;
        };
    }

    /** Of those for runs. */
    int runs() {
        return size + bareSize;
    }
}
