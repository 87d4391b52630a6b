package dev.codeinterpreter.sandbox;

/**
 * What keeps the programs of a session from the connector, the process that the engine starts for a command. It carries
 * commands and their answers, and a process that gets hold of its descriptors answers in the runner's place.
 */
public enum SessionGuard {
    /** A uid of its own, which no program can have. */
    UID,
    /** It has the programs' uid, and they are in Landlock domains without it. Without Landlock there is no session. */
    LANDLOCK,
    /** As {@link #LANDLOCK} where the kernel has it; where not, the operator accepts that programs can forge answers. */
    LANDLOCK_IF_AVAILABLE
}
