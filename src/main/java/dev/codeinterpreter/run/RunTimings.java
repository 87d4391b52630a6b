package dev.codeinterpreter.run;

import java.time.Duration;

/**
 * How long a runner is waited for, phase by phase; {@link Feeder} has one more. Not for operators: what they set is the
 * program's own time.
 *
 * @param preparation until the program starts: the handshake, and 200 MB of files through a busy engine
 * @param grace beyond the program's own time: the runner ends it, and needs at most 2 s to clear away what it left; in a
 *     session it first gives an interpreter half a second to obey
 * @param collection of all files of the run, without what the store takes
 * @param store of the store, in sum for all files: later ones are left out
 * @param storeCall of one call of the store: a file that is sent in parts takes up to 50 s of a bucket that answers late
 */
record RunTimings(Duration preparation, Duration grace, Duration collection, Duration store, Duration storeCall) {
    static final RunTimings DEFAULT = new RunTimings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(6),
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60));
}
