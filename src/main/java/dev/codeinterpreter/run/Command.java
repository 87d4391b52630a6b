package dev.codeinterpreter.run;

import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.time.Duration;

/** What is said to a runner to have something run. */
public interface Command {

    /** The command's own time; the runner ends it then. */
    Duration timeout();

    /** The handshake. */
    RunnerChannel open(SandboxChannel channel) throws IOException;

    /** Sends what has to be there before the start. Called on a thread of its own, as {@link #start} is after it. */
    void prepare(RunnerChannel channel) throws IOException;

    /** The start itself, and what the command reads while it runs. */
    void start(RunnerChannel channel) throws IOException;
}
