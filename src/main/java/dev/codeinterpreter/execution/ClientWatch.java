package dev.codeinterpreter.execution;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.schedule.PeriodicTask;
import io.helidon.common.socket.PeerInfo;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices that the client of a running request has gone. The web server reads nothing from a connection while its request
 * is being answered, so the end of the stream stays unseen until the answer is written; the kernel knows it at once, and
 * says so in its table of TCP connections: the state is no longer "established", or the connection is not there any more.
 *
 * <p>The table is read a few times a second, and only while somebody has been watched for that long. A client that closes
 * only its sending side counts as gone, as it does for nginx.
 */
@SingleInstance
public class ClientWatch {
    private static final System.Logger LOG = System.getLogger(ClientWatch.class.getName());
    private static final Duration PERIOD = Duration.ofMillis(200);

    private final TcpTable table;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final PeriodicTask looking;

    ClientWatch() {
        this(new TcpTable());
    }

    ClientWatch(TcpTable table) {
        this.table = table;
        this.looking = PeriodicTask.every(PERIOD, "client-watch", this::look);
    }

    /** One watched request; close it when the answer is ready. */
    public final class Watch implements AutoCloseable {
        private final TcpTable.Connection connection;
        private final Cancellation cancellation;
        private final long since = System.nanoTime();
        /** Of the watching thread alone. */
        private boolean missed;

        private Watch(TcpTable.Connection connection, Cancellation cancellation) {
            this.connection = connection;
            this.cancellation = cancellation;
        }

        private TcpTable.Connection listener() {
            return TcpTable.Connection.listeningOn(connection.localPort());
        }

        /**
         * Whether two looks in a row have not found the connection established. One is not enough: the kernel gives the
         * table piece by piece, and while others come and go, one that is there may be left out. A table that does not
         * even have the socket we listen on is not ours to read, and says nothing.
         */
        private boolean hasEnded(Map<TcpTable.Connection, Boolean> established) {
            boolean wasMissed = missed;
            missed = established.containsKey(listener()) && !established.getOrDefault(connection, false);
            return missed && wasMissed;
        }

        private void cancel(Map<TcpTable.Connection, Boolean> established) {
            watches.remove(this);
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "{0}: {1}",
                    connection,
                    established.containsKey(connection) ? "closed" : "gone");
            // Closing a sandbox blocks: not on this thread.
            Thread.ofVirtual().name("client-gone").start(cancellation::cancel);
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }

    /** Cancels {@code cancellation} when the peer goes away. */
    public Watch watch(PeerInfo local, PeerInfo remote, Cancellation cancellation) {
        int remotePort = remote.address() instanceof InetSocketAddress address ? address.getPort() : remote.port();
        Watch watch = new Watch(new TcpTable.Connection(local.port(), remotePort), cancellation);
        watches.add(watch);
        return watch;
    }

    @PreDestroy
    void close() {
        looking.close();
    }

    private void look() {
        long now = System.nanoTime();
        if (watches.stream().noneMatch(watch -> now - watch.since >= PERIOD.toNanos())) {
            return;
        }
        // Who comes while the table is read is not judged by it: it may have been read before their connection was
        // made.
        List<Watch> watched = List.copyOf(watches);
        Set<TcpTable.Connection> wanted = new HashSet<>();
        for (Watch watch : watched) {
            wanted.add(watch.connection);
            wanted.add(watch.listener());
        }
        Map<TcpTable.Connection, Boolean> established = new HashMap<>();
        try {
            table.read(wanted, established);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "no table of TCP connections here", e);
            return;
        }
        for (Watch watch : watched) {
            if (watch.hasEnded(established)) {
                watch.cancel(established);
            }
        }
    }
}
