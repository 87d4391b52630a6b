package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.server.ConnectionListener.Reason;
import jakarta.inject.Inject;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of all clients, and which more may be. When there are as many as may be, the one that has waited
 * longest for a request is closed for a new one; so silent clients keep nobody out. Of what requests in progress hold, the
 * last eighth is only for addresses that hold few connections; so one address alone keeps nobody out either.
 *
 * <p>Theory of operation: a closed channel says so itself. They are removed when the count comes to a limit, or has doubled
 * since the last time; so nothing has to be called at the end of a connection, which Helidon could forget.
 */
@SingleInstance
public class Connections {
    /** Connections that an address may have in the last eighth, as a part of all: 32 of 2048. */
    private static final int FEW = 64;

    private static final int FIRST_SWEEP = 64;

    private record Connection(SocketChannel channel, Object client) {}

    private final ConnectionLimits limits;
    private final StallWatch watch;
    private final Handshakes handshakes;
    private final RefusalLog log;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by {@code lock}, as those that follow. Some of them may have been closed. */
    private List<Connection> connections = new ArrayList<>();

    private final Map<Object, Integer> counts = new HashMap<>();
    private int nextSweep = FIRST_SWEEP;

    @Inject
    Connections(ConnectionLimits limits, StallWatch watch, Handshakes handshakes, ConnectionListener listener) {
        this.limits = limits;
        this.watch = watch;
        this.handshakes = handshakes;
        this.log = new RefusalLog(listener, limits);
    }

    public ConnectionLimits limits() {
        return limits;
    }

    /** How many are open. */
    public int active() {
        lock.lock();
        try {
            sweep();
            return connections.size();
        } finally {
            lock.unlock();
        }
    }

    /** Counts a new connection, or closes it. */
    boolean admit(SocketChannel channel) {
        lock.lock();
        try {
            Object client = client(channel);
            if (connections.size() >= nextSweep || refusal(client) != null) {
                sweep();
            }
            Reason reason = refusal(client);
            if (reason == Reason.LIMIT) {
                evict(connections.size() - max(client) + 1);
                reason = refusal(client);
            }
            if (reason == null) {
                connections.add(new Connection(channel, client));
                counts.merge(client, 1, Integer::sum);
                handshakes.begin(channel);
                return true;
            }
            log.add(reason);
        } finally {
            lock.unlock();
        }
        Handshakes.close(channel);
        return false;
    }

    /** There will be no other. */
    void listenerClosed() {
        handshakes.cutAll();
    }

    /** Makes room when the system has none for another connection. */
    void acceptFailed() {
        log.add(Reason.SYSTEM);
        if (watch.evict()) {
            log.add(Reason.EVICTED);
        }
    }

    private @Nullable Reason refusal(Object client) {
        if (limits.maxPerAddress() > 0 && counts.getOrDefault(client, 0) >= limits.maxPerAddress()) {
            return Reason.ADDRESS;
        }
        return connections.size() >= max(client) ? Reason.LIMIT : null;
    }

    private void evict(int count) {
        for (int i = 0; i < count && watch.evict(); i++) {
            log.add(Reason.EVICTED);
        }
        sweep();
    }

    /** How many there may be in all for one more of this client. */
    private int max(Object client) {
        boolean hasFew = counts.getOrDefault(client, 0) < Math.max(1, limits.max() / FEW);
        return hasFew ? limits.max() : limits.max() - limits.max() / 8;
    }

    private void sweep() {
        handshakes.sweep();
        List<Connection> open = new ArrayList<>(connections.size());
        counts.clear();
        for (Connection connection : connections) {
            if (connection.channel.isOpen()) {
                open.add(connection);
                counts.merge(connection.client, 1, Integer::sum);
            }
        }
        connections = open;
        nextSweep = Math.max(FIRST_SWEEP, 2 * open.size());
    }

    /** Its address, of IPv6 the network: somebody who has one address has 2^64 of them. */
    private static Object client(SocketChannel channel) {
        InetAddress address = ((InetSocketAddress) channel.socket().getRemoteSocketAddress()).getAddress();
        return address instanceof Inet6Address
                ? ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }
}
