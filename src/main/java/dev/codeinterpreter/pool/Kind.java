package dev.codeinterpreter.pool;

/** What a sandbox of the pool is launched for. */
enum Kind {
    /** It imports nothing, and has no memory for libraries. */
    BARE,
    /** It may run a program as soon as it is launched, and imports the libraries when no run needs the processors. */
    PRELOADED
}
