package dev.codeinterpreter.harness;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** An engine on a port of the loopback that demands a client certificate, in front of one with a socket. */
public final class TlsProxy implements AutoCloseable {
    private final Path engine;
    private final SSLServerSocket server;
    private final List<Closeable> open = new CopyOnWriteArrayList<>();

    /**
     * @param engine the socket of the real one
     * @param context of the server, with the authority that it asks clients for
     */
    public TlsProxy(Path engine, SSLContext context) throws IOException {
        this.engine = engine;
        this.server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        Thread.ofVirtual().name("tls-proxy").start(this::accept);
    }

    /** For DOCKER_HOST. */
    public String address() {
        return "tcp://127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Closeable connection : open) {
            connection.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                open.add(client);
                Thread.ofVirtual().name("tls-proxy-connection").start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket client) {
        try (client;
                SocketChannel target = SocketChannel.open(UnixDomainSocketAddress.of(engine))) {
            open.add(target);
            Thread answers = Thread.ofVirtual().start(() -> pump(Channels.newInputStream(target), client));
            // The first read is the handshake.
            client.getInputStream().transferTo(Channels.newOutputStream(target));
            target.shutdownOutput();
            answers.join();
        } catch (IOException e) {
            // One of both has hung up, or the handshake failed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(InputStream from, Socket to) {
        try {
            OutputStream out = to.getOutputStream();
            from.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            // One of both has hung up.
        }
    }
}
