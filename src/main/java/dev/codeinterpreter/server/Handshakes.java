package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.http1.Waiting;
import io.helidon.webserver.ConnectionContext;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections whose TLS handshake is in progress. The web server makes it before anything of ours, and waits for the client
 * without end: so each is noted when it is accepted, and cut after the time that a request's head has.
 */
@SingleInstance
class Handshakes {
    private final StallWatch watch;
    private final boolean tls;
    private final Map<SocketChannel, StallWatch.Wait> waits = new ConcurrentHashMap<>();
    private volatile Duration timeout;

    @Inject
    Handshakes(StallWatch watch, ServerSettings server) {
        this(watch, server.tls().isPresent(), TransferLimits.of(0).head());
    }

    /** @param tls whether connections begin with a handshake; nothing is noted otherwise */
    Handshakes(StallWatch watch, boolean tls, Duration timeout) {
        this.watch = watch;
        this.tls = tls;
        this.timeout = timeout;
    }

    /** Of the handshakes to come. */
    void setTimeout(Duration timeout) {
        this.timeout = timeout;
    }

    /** A connection has been accepted. */
    void begin(SocketChannel channel) {
        if (tls) {
            waits.put(
                    channel, watch.beginWithoutThread(Waiting.FIRST_REQUEST, timeout.toNanos(), () -> close(channel)));
        }
    }

    /** The connection's handshake is over, and requests are waited for. */
    void end(SocketChannel channel) {
        StallWatch.Wait wait = waits.remove(channel);
        if (wait != null) {
            wait.close();
        }
    }

    /** Forgets those whose handshake has failed, of which nothing else says so. */
    void sweep() {
        waits.keySet().stream().filter(channel -> !channel.isOpen()).forEach(this::end);
    }

    /** Closes all of them: the server stops, and would wait for them. */
    void cutAll() {
        waits.keySet().forEach(channel -> {
            close(channel);
            end(channel);
        });
    }

    int count() {
        return waits.size();
    }

    /**
     * Helidon's sockets of TLS can be closed only by a message to the client, for which they may wait without end; and what
     * is below them they leave open. It has that in a field and nowhere else.
     *
     * @throws IllegalStateException when this Helidon is not the one that this was written for
     */
    static SocketChannel channel(ConnectionContext connection) {
        try {
            Field field = connection.getClass().getDeclaredField("socket");
            field.setAccessible(true);
            return (SocketChannel) field.get(connection);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("connections of TLS cannot be closed with this version of Helidon", e);
        }
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Its client has been quicker.
        }
    }
}
