package dev.codeinterpreter.hostile;

/** Programs that a shell of a session starts. */
class HostileCommandsIT extends HostileProgramsContract {
    HostileCommandsIT() {
        super(RunMode.BASH);
    }
}
