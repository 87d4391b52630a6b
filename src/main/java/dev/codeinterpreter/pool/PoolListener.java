package dev.codeinterpreter.pool;

import java.time.Duration;

/** Hears what the pool does; for metrics. Called on the thread that does it, so it must be quick. */
public interface PoolListener {

    /** Hears nothing. */
    PoolListener NONE = new PoolListener() {};

    /** Whether a run's sandbox was ready before the run, or launched for it. */
    enum LaunchType {
        WARM,
        COLD
    }

    /**
     * A sandbox is there.
     *
     * @param took from the decision until a program could start (cold: until its container ran)
     */
    default void launched(LaunchType type, Duration took) {}

    /** A launch has failed. */
    default void launchFailed(LaunchType type) {}

    /** An idle sandbox has its libraries, so long after it was asked to import them. */
    default void preloaded(Duration took) {}

    /** An import has crashed, took too long, or ended its sandbox. */
    default void preloadFailed() {}

    /**
     * A run has got its sandbox.
     *
     * @param preloaded with libraries
     */
    default void claimed(LaunchType type, boolean preloaded) {}

    /** An idle sandbox was closed unused. */
    default void retired(RetireReason reason) {}
}
