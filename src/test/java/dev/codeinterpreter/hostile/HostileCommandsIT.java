package dev.codeinterpreter.hostile;

import org.junit.jupiter.api.Tag;

/** Programs that a shell of a session starts: a minute, after the same programs in runs and in interpreters of sessions. */
@Tag("complete")
class HostileCommandsIT extends HostileProgramsContract {
    HostileCommandsIT() {
        super(RunMode.BASH);
    }
}
