package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;
import java.time.Duration;

/**
 * One whose import is nearly over, for a program that would begin that import anew: it waits for the rest.
 *
 * @param timeout after which the program begins without libraries
 */
record JoinedSandbox(WarmSandbox importing, Duration timeout) implements ClaimedSandbox {
    @Override
    public SandboxId id() {
        return importing.id();
    }

    @Override
    public SandboxChannel channel() {
        return importing.channel();
    }

    @Override
    public RunnerChannel runner() throws IOException {
        importing.runner().awaitLibraries(timeout);
        return importing.runner();
    }

    @Override
    public void close() {
        importing.close();
    }
}
