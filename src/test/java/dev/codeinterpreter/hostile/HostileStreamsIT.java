package dev.codeinterpreter.hostile;

/** Programs whose output is streamed. */
class HostileStreamsIT extends HostileProgramsContract {
    HostileStreamsIT() {
        super(RunMode.STREAM);
    }
}
