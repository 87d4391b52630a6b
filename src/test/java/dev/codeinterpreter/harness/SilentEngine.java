package dev.codeinterpreter.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An engine that hangs: it accepts every connection and never says a word. */
public final class SilentEngine implements AutoCloseable {
    private final Path directory;
    private final ServerSocketChannel server;
    private final Collection<SocketChannel> accepted = new ConcurrentLinkedQueue<>();

    public SilentEngine() throws IOException {
        this.directory = Files.createTempDirectory("silent-engine-");
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket()));
        Thread.ofVirtual().name("silent-engine").start(this::accept);
    }

    /** For DOCKER_HOST. */
    public String address() {
        return "unix://" + socket();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : accepted) {
            channel.close();
        }
        Files.deleteIfExists(socket());
        Files.delete(directory);
    }

    private Path socket() {
        return directory.resolve("docker.sock");
    }

    private void accept() {
        try {
            while (true) {
                accepted.add(server.accept());
            }
        } catch (IOException e) {
            if (server.isOpen()) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
