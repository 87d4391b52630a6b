package dev.codeinterpreter.sandbox;

/** The sockets that the system call filter of a program lets through. */
public enum ProgramSockets {
    /** Unix sockets alone: for containers that have a network, even if only until its policies are in force. */
    UNIX,
    /** Also TCP and UDP, for programs that talk to themselves: the container must have no other network than its loopback. */
    LOOPBACK
}
