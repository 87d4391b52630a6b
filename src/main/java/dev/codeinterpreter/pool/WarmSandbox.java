package dev.codeinterpreter.pool;

import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.time.Duration;

/**
 * One whose runner has said READY, its libraries imported.
 *
 * @param revision what it was launched from, see {@link dev.codeinterpreter.sandbox.SandboxBackend#launchRevision}
 * @param retireAt the moment by {@link System#nanoTime} from which on it is too old
 */
record WarmSandbox(Sandbox sandbox, RunnerChannel runner, String revision, long retireAt) implements ClaimedSandbox {
    private static final System.Logger LOG = System.getLogger(WarmSandbox.class.getName());

    /** One that is alive takes less than a millisecond on a quiet machine. */
    private static final Duration ANSWER = Duration.ofMillis(500);

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

    /** Whether its runner still answers. Whoever asks has taken it: a channel is for one thread at a time. */
    boolean answers(Deadlines deadlines) {
        try (Deadlines.Deadline _ = deadlines.start(ANSWER, channel()::close)) {
            runner.ping();
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "idle sandbox {0} does not answer: {1}", id(), e.toString());
            return false;
        }
    }

    boolean isOld() {
        return System.nanoTime() - retireAt >= 0;
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
