package dev.codeinterpreter.fake;

import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A channel on which nobody says anything.
 *
 * @param whenClosed called at each close
 */
public record IdleChannel(Runnable whenClosed) implements SandboxChannel {
    @Override
    public InputStream input() {
        return InputStream.nullInputStream();
    }

    @Override
    public OutputStream output() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public String diagnostics() {
        return "";
    }

    @Override
    public void close() {
        whenClosed.run();
    }
}
