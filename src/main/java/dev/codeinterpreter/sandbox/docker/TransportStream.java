package dev.codeinterpreter.sandbox.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.InputStream;
import java.io.OutputStream;

/** One that the transport has made: its thread takes what we write from a pipe, a kilobyte at a time. */
record TransportStream(BytePipe stdin, DockerHttpClient.Response connection) implements EngineStream {
    static TransportStream open(DockerHttpClient transport, DockerHttpClient.Request request) {
        BytePipe stdin = new BytePipe();
        try {
            return new TransportStream(
                    stdin,
                    transport.execute(DockerHttpClient.Request.builder()
                            .from(request)
                            .hijackedInput(stdin.source())
                            .build()));
        } catch (RuntimeException e) {
            // What the transport sends from waits for its end.
            stdin.close();
            throw e;
        }
    }

    @Override
    public InputStream input() {
        return connection.getBody();
    }

    @Override
    public OutputStream output() {
        return stdin.sink();
    }

    @Override
    public void close() {
        // First the pipe: the transport's sending thread then ends by itself.
        stdin.close();
        try {
            connection.close();
        } catch (RuntimeException e) {
            // It was broken already; what matters is the container, and that is removed next.
            System.getLogger(TransportStream.class.getName()).log(System.Logger.Level.DEBUG, "closing a stream", e);
        }
    }
}
