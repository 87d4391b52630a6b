package dev.codeinterpreter.pool;

import dev.codeinterpreter.sandbox.SandboxChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The place of a channel to a sandbox that waits to be a session. To start a process in a container takes ten times as long as
 * most commands, so the one of the session's first command is started ahead.
 *
 * <p>INVARIANT: {@code this} guards both fields; once it is over there is no channel.
 */
final class ConnectionAhead implements AutoCloseable {
    private @Nullable SandboxChannel channel;
    private boolean over;

    /** Takes over {@code made}; closes it when it comes too late. */
    void put(SandboxChannel made) {
        synchronized (this) {
            if (!over) {
                channel = made;
                return;
            }
        }
        made.close();
    }

    /** The caller owns it. What is put from now on comes too late. */
    synchronized Optional<SandboxChannel> take() {
        over = true;
        Optional<SandboxChannel> taken = Optional.ofNullable(channel);
        channel = null;
        return taken;
    }

    @Override
    public void close() {
        take().ifPresent(SandboxChannel::close);
    }
}
