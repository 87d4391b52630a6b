package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import jakarta.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Our connection to a process in a container: of what the engine sends its standard output. */
final class AttachedChannel implements SandboxChannel {
    private final EngineStream stream;
    private final StandardOutput stdout;

    static AttachedChannel open(EngineClient engine, String path, @Nullable JsonObject body, Duration timeout)
            throws BackendException {
        return new AttachedChannel(engine.hijack(path, body, timeout));
    }

    private AttachedChannel(EngineStream stream) {
        this.stream = stream;
        this.stdout = new StandardOutput(stream.input());
    }

    @Override
    public InputStream input() {
        return stdout;
    }

    @Override
    public OutputStream output() {
        return stream.output();
    }

    @Override
    public String diagnostics() {
        return stdout.diagnostics();
    }

    @Override
    public void close() {
        stream.close();
    }
}
