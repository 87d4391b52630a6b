package dev.codeinterpreter.session;

import dev.codeinterpreter.execution.Command;
import dev.codeinterpreter.execution.ExecutionRequest;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Code for a session's one interpreter. */
record PythonCommand(ExecutionRequest request, RunnerConfig config) implements Command {
    @Override
    public Duration timeout() {
        return request.timeout();
    }

    @Override
    public RunnerChannel open(SandboxChannel channel) throws IOException {
        return RunnerChannel.join(channel, config);
    }

    @Override
    public void prepare(RunnerChannel channel) throws IOException {
        try (InputStream code = request.code().open()) {
            channel.code(request.code().utf8Length(), code);
        }
    }

    @Override
    public void start(RunnerChannel channel) throws IOException {
        try (InputStream stdin = request.openStdin()) {
            channel.run(request.timeout(), request.lastLineInteractive(), stdin);
        }
    }
}
