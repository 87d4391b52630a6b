package dev.codeinterpreter.sandbox.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import jakarta.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Our connection to a process in a container: a pipe in, the engine's answer out. */
final class AttachedChannel implements SandboxChannel {
    private final BytePipe stdin;
    private final DockerHttpClient.Response connection;
    private final StandardOutput stdout;

    static AttachedChannel open(EngineClient engine, String path, @Nullable JsonObject body, Duration timeout)
            throws BackendException {
        BytePipe stdin = new BytePipe();
        try {
            return new AttachedChannel(stdin, engine.hijack(path, body, stdin.source(), timeout));
        } catch (BackendException | RuntimeException e) {
            // What the transport sends from waits for its end.
            stdin.close();
            throw e;
        }
    }

    private AttachedChannel(BytePipe stdin, DockerHttpClient.Response connection) {
        this.stdin = stdin;
        this.connection = connection;
        this.stdout = new StandardOutput(connection.getBody());
    }

    @Override
    public InputStream input() {
        return stdout;
    }

    @Override
    public OutputStream output() {
        return stdin.sink();
    }

    @Override
    public String diagnostics() {
        return stdout.diagnostics();
    }

    @Override
    public void close() {
        // First the pipe: the transport's sending thread then ends by itself.
        stdin.close();
        try {
            connection.close();
        } catch (RuntimeException e) {
            // It was broken already; what matters is the container, and that is removed next.
            System.getLogger(AttachedChannel.class.getName()).log(System.Logger.Level.DEBUG, "closing a channel", e);
        }
    }
}
