package dev.codeinterpreter.session;

import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A channel to a session's runner for one command; afterwards it is closed, or held for the next one. */
final class SessionLink implements SandboxChannel {
    private final SandboxChannel channel;
    private final RunnerConfig config;
    private final @Nullable RunnerChannel joined;
    private final Runnable hold;
    private final Runnable release;
    /** Closed or held: in either case this link has no more to do with the channel. */
    private final AtomicBoolean over = new AtomicBoolean();

    /**
     * @param joined the conversation, if the runner has said already that it is ready
     * @param hold has the channel wait for the next command
     * @param release gives it back as it was, when nothing was asked
     */
    SessionLink(
            SandboxChannel channel,
            RunnerConfig config,
            @Nullable RunnerChannel joined,
            Runnable hold,
            Runnable release) {
        this.channel = channel;
        this.config = config;
        this.joined = joined;
        this.hold = hold;
        this.release = release;
    }

    /** Waits until the runner is ready for the command. */
    RunnerChannel join() throws IOException {
        return joined == null ? RunnerChannel.join(channel, config) : joined;
    }

    /** Nothing was asked: it waits on if it has waited before, else it is closed. */
    void release() {
        if (over.compareAndSet(false, true)) {
            release.run();
        }
    }

    /** The command has been sent to its end, and answered to its end. */
    void hold() {
        if (over.compareAndSet(false, true)) {
            hold.run();
        }
    }

    @Override
    public InputStream input() {
        return channel.input();
    }

    @Override
    public OutputStream output() {
        return channel.output();
    }

    @Override
    public String diagnostics() {
        return channel.diagnostics();
    }

    /** Without effect when it is held. */
    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            channel.close();
        }
    }
}
