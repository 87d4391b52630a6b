package dev.codeinterpreter.sandbox.docker;

import java.time.Duration;

/**
 * How long the engine is waited for. Not for operators: each follows from what an engine takes.
 *
 * @param silence of a call, after which the engine is pinged beside it
 * @param ping for the answer to that; with the silence below 3 s, in which a hung engine is given up
 * @param call of a launch or an exec, for lists and orphans. A start takes about 0.1 s; a machine with every core busy was
 *     seen to need 2 s
 * @param inspect for what the engine answers from its memory: images, and itself
 * @param exit for a runner to end when its input does, and for the engine to remove its container
 * @param removal by force, of a container that has not gone by itself
 * @param scan between two scans for what is not running. Far longer than any launch takes: what is not started in two scans in
 *     a row never will be
 */
record EngineTimings(
        Duration silence,
        Duration ping,
        Duration call,
        Duration inspect,
        Duration exit,
        Duration removal,
        Duration scan) {
    static final EngineTimings DEFAULT = new EngineTimings(
            Duration.ofMillis(800),
            Duration.ofMillis(1_700),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30));

    /** The same with others for an engine that does not answer. */
    EngineTimings withWatchdog(Duration newSilence, Duration newPing) {
        return new EngineTimings(newSilence, newPing, call, inspect, exit, removal, scan);
    }
}
