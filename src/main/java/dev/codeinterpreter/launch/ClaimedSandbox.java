package dev.codeinterpreter.launch;

import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.io.IOException;
import java.util.Optional;

/** A sandbox that is one run's until that run closes it, or becomes one session's. */
public interface ClaimedSandbox extends AutoCloseable {

    SandboxId id();

    SandboxChannel channel();

    /**
     * The conversation with its runner. A cold one has just been started: then this waits until it is ready.
     *
     * @throws IOException when the sandbox ends before
     */
    RunnerChannel runner() throws IOException;

    /**
     * A channel to the socket of a runner that begins a session, made ahead for its first command: the runner's READY on it is
     * unread. The caller of the first call owns it; empty when there is none, or none yet.
     */
    default Optional<SandboxChannel> takeConnection() {
        return Optional.empty();
    }

    /** As {@link dev.codeinterpreter.sandbox.Sandbox#close}. */
    @Override
    void close();
}
