package dev.codeinterpreter.auth;

import java.time.Duration;

/**
 * @param reload between two looks at the file of keys; the kubelet takes a minute to change a mounted Secret, so a second
 *     more does not count
 * @param failureDelay that an answer to a wrong credential waits, of an address that has sent several
 * @param failureWindow in which they are counted
 * @param fetch that the issuer has to answer
 * @param refetch between two attempts to get the issuer's keys, whatever tokens name: of an unknown key anybody can send one
 * @param keyAge after which the issuer's keys are fetched again, so that one which it takes back does not count for ever
 */
record AuthTimings(
        Duration reload,
        Duration failureDelay,
        Duration failureWindow,
        Duration fetch,
        Duration refetch,
        Duration keyAge) {
    static final AuthTimings DEFAULT = new AuthTimings(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10));
}
