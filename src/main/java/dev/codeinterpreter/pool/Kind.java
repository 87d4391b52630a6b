package dev.codeinterpreter.pool;

import dev.codeinterpreter.sandbox.SandboxId;

/** What a sandbox of the pool is launched for. They are launched in this order, each fourth time in the opposite one. */
enum Kind {
    /** For a run. It imports nothing, and has no memory for libraries. */
    BARE,
    /** For a run. It may run a program as soon as it is launched, and imports the libraries when no run needs the processors. */
    WITH_LIBRARIES,
    /** For a session, whose first interpreter imports the libraries, as those of the kind before do. */
    SESSION;

    SandboxId newId() {
        return this == SESSION ? SandboxId.randomSession() : SandboxId.random();
    }

    boolean importsLibraries() {
        return this != BARE;
    }
}
