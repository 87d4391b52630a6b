package dev.codeinterpreter.hostile;

/** Programs in the interpreter of a session. */
class HostileInterpretersIT extends HostileProgramsContract {
    HostileInterpretersIT() {
        super(RunMode.PYTHON);
    }
}
