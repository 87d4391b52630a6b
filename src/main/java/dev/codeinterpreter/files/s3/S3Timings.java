package dev.codeinterpreter.files.s3;

import java.time.Duration;

/**
 * How long a bucket is waited for. None of the SDK's own defaults is used: an attempt has no end there. Not for operators.
 *
 * @param connect for a connection
 * @param read of silence in the middle of an answer
 * @param attempt for one try of what moves no content
 * @param call for all tries together and the pauses between them: a client that stages a file waits for two of these
 * @param contentAttempt for one try of an upload of one part: 8 MiB at half a MB a second
 * @param contentCall for all tries together
 * @param commit for a file's parts in sum until the last one begins, which may then take {@code contentCall}, and its
 *     completion {@code call}
 * @param attempts at most
 * @param minPause before the second try, from zero to this at random, and twice as much before each further one
 * @param maxPause at most
 */
record S3Timings(
        Duration connect,
        Duration read,
        Duration attempt,
        Duration call,
        Duration contentAttempt,
        Duration contentCall,
        Duration commit,
        int attempts,
        Duration minPause,
        Duration maxPause) {
    static final S3Timings DEFAULT = new S3Timings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(8),
            Duration.ofSeconds(16),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            4,
            Duration.ofMillis(100),
            Duration.ofSeconds(2));
}
