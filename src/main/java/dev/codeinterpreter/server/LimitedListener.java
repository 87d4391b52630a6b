package dev.codeinterpreter.server;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A listening socket that gives away only the connections that may be, and goes on when the system cannot accept one:
 * Helidon's listener ends at the first failure, and its process lives on without one.
 */
final class LimitedListener extends ServerSocketChannel {
    /** After a failure, so that one that lasts does not take a processor. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final ServerSocketChannel socket;
    private final Connections connections;
    private final Runnable onDeath;
    private final Thread owner;

    /**
     * @param owner the thread that accepts
     * @param onDeath called when the owner closes the socket, which it only does when it fails
     */
    LimitedListener(ServerSocketChannel socket, Connections connections, Thread owner, Runnable onDeath) {
        super(socket.provider());
        this.socket = socket;
        this.connections = connections;
        this.owner = owner;
        this.onDeath = onDeath;
    }

    /**
     * Replaces the socket of a server that has just started. Helidon offers no other way: its listener opens the socket
     * itself and has it in a field, which it reads before each connection; only the first one is accepted from the socket
     * itself.
     *
     * @throws IllegalStateException when this Helidon is not the one that this was written for
     */
    static void install(WebServer server, Connections connections, Runnable onDeath) {
        try {
            for (Object listener : ((Map<?, ?>) value(server, "listeners")).values()) {
                Field field = field(listener, "serverSocket");
                field.set(
                        listener,
                        new LimitedListener(
                                (ServerSocketChannel) field.get(listener),
                                connections,
                                (Thread) value(listener, "serverThread"),
                                onDeath));
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("connections cannot be limited with this version of Helidon", e);
        }
    }

    private static Object value(Object owner, String name) throws ReflectiveOperationException {
        return field(owner, name).get(owner);
    }

    private static Field field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @Override
    public SocketChannel accept() throws IOException {
        while (true) {
            try {
                SocketChannel accepted = socket.accept();
                if (connections.admit(accepted)) {
                    return accepted;
                }
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // No descriptor, no memory, or the client's connection was broken: all of that passes.
                connections.acceptFailed();
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        socket.close();
        connections.listenerClosed();
        if (Thread.currentThread() == owner) {
            onDeath.run();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) throws IOException {
        socket.configureBlocking(block);
    }

    @Override
    public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
        socket.bind(local, backlog);
        return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        socket.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return socket.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return socket.supportedOptions();
    }

    @Override
    public ServerSocket socket() {
        return socket.socket();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return socket.getLocalAddress();
    }
}
