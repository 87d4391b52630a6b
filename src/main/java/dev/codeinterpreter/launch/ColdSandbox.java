package dev.codeinterpreter.launch;

import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;

/** One that was launched for its run. Its runner preloads nothing: the program imports what it needs, and no more. */
record ColdSandbox(Sandbox sandbox, RunnerConfig config) implements ClaimedSandbox {
    @Override
    public SandboxId id() {
        return sandbox.id();
    }

    @Override
    public SandboxChannel channel() {
        return sandbox.channel();
    }

    @Override
    public RunnerChannel runner() throws IOException {
        return RunnerChannel.open(sandbox.channel(), config);
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
