package dev.codeinterpreter.execution;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.run.Command;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.StagedFiles;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A program in a sandbox of its own. */
record OneShot(RunRequest request, StagedFiles files, ClaimedSandbox sandbox) implements Command {
    @Override
    public Duration timeout() {
        return request.timeout();
    }

    /** Of a sandbox from the pool it is open already. */
    @Override
    public RunnerChannel open(SandboxChannel channel) throws IOException {
        return sandbox.runner();
    }

    @Override
    public void prepare(RunnerChannel channel) throws IOException {
        files.stage(channel);
        // The runner takes the code for one more file, the one that it runs.
        try (InputStream code = request.code().open()) {
            channel.stage(WorkspacePath.ENTRYPOINT, request.code().utf8Length(), code);
        }
    }

    @Override
    public void start(RunnerChannel channel) throws IOException {
        try (InputStream stdin = request.openStdin()) {
            channel.run(request.timeout(), request.lastLineInteractive(), request.results(), stdin);
        }
    }
}
