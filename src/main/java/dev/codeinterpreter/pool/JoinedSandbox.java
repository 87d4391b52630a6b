package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;
import java.time.Duration;

/** One whose import is more than half over, for a program that would begin that import anew: it waits for the rest. */
record JoinedSandbox(WarmSandbox importing) implements ClaimedSandbox {
    /**
     * After which the program begins without libraries. Far longer than an import takes, also on a busy machine: one that is given
     * up has been waited for in vain.
     */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

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
        importing.runner().awaitLibraries(TIMEOUT);
        return importing.runner();
    }

    @Override
    public void close() {
        importing.close();
    }
}
