package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.LaunchType;
import java.time.Duration;

/** Hears what the pool does; for metrics. Called on the thread that does it, so it must be quick. */
public interface PoolListener {

    /** Hears nothing. */
    PoolListener NONE = new PoolListener() {};

    /**
     * A sandbox is there.
     *
     * @param took from the decision until its program could start (cold: until its container ran)
     */
    default void launched(LaunchType type, Duration took) {}

    /** A launch has failed. */
    default void launchFailed(LaunchType type) {}

    /** A run has got its sandbox. */
    default void claimed(LaunchType type) {}

    /** An idle sandbox was closed unused. */
    default void retired(RetireReason reason) {}
}
