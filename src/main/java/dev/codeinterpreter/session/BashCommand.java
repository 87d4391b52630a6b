package dev.codeinterpreter.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.execution.Command;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.time.Duration;

/** A line for a fresh {@code bash -c} in a session. */
record BashCommand(String line, Duration timeout, RunnerConfig config) implements Command {
    @Override
    public RunnerChannel open(SandboxChannel channel) throws IOException {
        return RunnerChannel.join(channel, config);
    }

    @Override
    public void prepare(RunnerChannel channel) {
        // The line travels with the start.
    }

    @Override
    public void start(RunnerChannel channel) throws IOException {
        channel.bash(line.getBytes(UTF_8), timeout);
    }
}
