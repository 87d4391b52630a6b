package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One over the engine's Unix socket itself. The transport would hand what we write to a thread of its own, which sends each
 * kilobyte alone: files into a container took three times as long.
 */
final class SocketStream implements EngineStream {
    /** Bytes of the engine's answer. */
    private static final int MAX_HEAD = 16 << 10;

    private static final byte[] END = "\r\n\r\n".getBytes(ISO_8859_1);

    private final SocketChannel channel;
    private final InputStream input;
    private final OutputStream output;

    private SocketStream(SocketChannel channel) {
        this.channel = channel;
        this.input = new BufferedInputStream(Channels.newInputStream(channel));
        this.output = Channels.newOutputStream(channel);
    }

    /** @throws IOException when the engine is not there, or does not grant the stream */
    static SocketStream open(Path socket, String path, @Nullable JsonObject body) throws IOException {
        SocketStream stream = new SocketStream(SocketChannel.open(StandardProtocolFamily.UNIX));
        try {
            stream.channel.connect(UnixDomainSocketAddress.of(socket));
            stream.upgrade(path, body);
            return stream;
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private void upgrade(String path, @Nullable JsonObject body) throws IOException {
        byte[] content = body == null ? new byte[0] : body.toString().getBytes(UTF_8);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("""
                POST %s HTTP/1.1\r
                Host: localhost\r
                Connection: Upgrade\r
                Upgrade: tcp\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(path, content.length).getBytes(ISO_8859_1));
        request.writeBytes(content);
        request.writeTo(output);
        String status = head().lines().findFirst().orElse("");
        if (!status.matches("HTTP/1\\.1 101 .*")) {
            throw new IOException("the engine did not grant the stream: " + status);
        }
    }

    private String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int matched = 0; matched < END.length; ) {
            int next = input.read();
            if (next < 0 || head.size() == MAX_HEAD) {
                throw new IOException("the engine's answer has no end");
            }
            head.write(next);
            if (next == END[matched]) {
                matched++;
            } else {
                matched = next == END[0] ? 1 : 0;
            }
        }
        return head.toString(ISO_8859_1);
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It was broken already; what matters is the container, and that is removed next.
            System.getLogger(SocketStream.class.getName()).log(System.Logger.Level.DEBUG, "closing a stream", e);
        }
    }
}
