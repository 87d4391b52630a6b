package dev.codeinterpreter.sandbox;

import java.util.Map;

/**
 * What the runner has to keep a program from, because the sandbox around it does not.
 *
 * @param sockets that a program may open
 * @param ulimits by the names that container engines give them, in the units of setrlimit, both soft and hard; a
 *     lower limit that the sandbox has stays
 * @param guard of a session's commands and answers
 */
public record ProgramConfinement(ProgramSockets sockets, Map<String, Long> ulimits, SessionGuard guard) {
    /** No dumps, no locked memory, no queues that outlive their maker, no priority, few pending signals, the usual stack. */
    public static final Map<String, Long> ULIMITS = Map.of(
            "core", 0L,
            "memlock", 64L << 10,
            "msgqueue", 0L,
            "nice", 0L,
            "rtprio", 0L,
            "sigpending", 256L,
            "stack", 8L << 20);

    public ProgramConfinement {
        ulimits = Map.copyOf(ulimits);
    }
}
