package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.launch.LaunchType;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;

/**
 * One whose runner has said READY, its libraries imported.
 *
 * @param revision what it was launched from, see {@link dev.codeinterpreter.sandbox.SandboxBackend#revision}
 * @param retireAt the moment by {@link System#nanoTime} from which on it is too old
 */
record WarmSandbox(Sandbox sandbox, RunnerChannel runner, String revision, long retireAt, Liveness liveness)
        implements ClaimedSandbox {
    WarmSandbox(Sandbox sandbox, RunnerChannel runner, String revision, long retireAt) {
        this(sandbox, runner, revision, retireAt, new Liveness(sandbox.id(), runner, sandbox.channel()::close));
    }

    @Override
    public SandboxId id() {
        return sandbox.id();
    }

    @Override
    public LaunchType launchType() {
        return LaunchType.WARM;
    }

    @Override
    public SandboxChannel channel() {
        return sandbox.channel();
    }

    boolean isOld() {
        return System.nanoTime() - retireAt >= 0;
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
