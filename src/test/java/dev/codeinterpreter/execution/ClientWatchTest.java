package dev.codeinterpreter.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.socket.PeerInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With real connections over loopback. */
@Timeout(30)
class ClientWatchTest {
    /** Several looks at the table. */
    private static final long A_WHILE_MS = 700;

    private final ClientWatch clients = new ClientWatch();
    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        clients.close();
        listener.close();
    }

    @Test
    void cancelsWhenTheClientHangsUp() throws Exception {
        try (Watched connection = new Watched()) {
            connection.assertStays();
            connection.client.close();
            connection.cancelled.await();
        }
    }

    @Test
    void cancelsWhenTheClientClosesItsSendingSide() throws Exception {
        try (Watched connection = new Watched()) {
            connection.assertStays();
            connection.client.shutdownOutput();
            connection.cancelled.await();
        }
    }

    @Test
    void cancelsWhenTheConnectionIsReset() throws Exception {
        try (Watched connection = new Watched()) {
            connection.assertStays();
            connection.client.setSoLinger(true, 0);
            connection.client.close();
            connection.cancelled.await();
        }
    }

    @Test
    void leavesTheOthersAlone() throws Exception {
        try (Watched leaving = new Watched();
                Watched staying = new Watched();
                Watched answered = new Watched()) {
            staying.assertStays();
            answered.watch.close();
            answered.client.close();
            leaving.client.close();
            leaving.cancelled.await();
            staying.assertStays();
            assertThat(answered.cancellation.isCancelled()).isFalse();
        }
    }

    @Test
    void leavesAConnectionAloneThatItNeverSaw() throws Exception {
        Cancellation cancellation = new Cancellation();
        CountDownLatch cancelled = new CountDownLatch(1);
        cancellation.onCancel(cancelled::countDown);
        try (ClientWatch.Watch watch = clients.watch(peer(1), peer(1), cancellation)) {
            assertThat(watch).isNotNull();
            assertThat(cancelled.await(A_WHILE_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void doesNotJudgeWhoComesWhileTheTableIsRead() throws Exception {
        SlowTable table = new SlowTable();
        ClientWatch busy = new ClientWatch(table);
        try (Watched first = new Watched(busy)) {
            table.reading.await();
            try (Watched newcomer = new Watched(busy)) {
                table.handshake = newcomer.address();
                table.more.countDown();
                newcomer.assertStays();
                first.assertStays();
            }
        } finally {
            busy.close();
        }
    }

    /** Its first reading lasts, and has come by a connection in its handshake, which the kernel shows as well. */
    private static final class SlowTable extends TcpTable {
        private final CountDownLatch reading = new CountDownLatch(1);
        private final CountDownLatch more = new CountDownLatch(1);
        private volatile TcpTable.@Nullable Connection handshake;

        @Override
        void read(Set<TcpTable.Connection> wanted, Map<TcpTable.Connection, Boolean> established) throws IOException {
            super.read(wanted, established);
            reading.countDown();
            try {
                more.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            TcpTable.Connection connection = handshake;
            if (connection != null) {
                handshake = null;
                established.put(connection, false);
            }
        }
    }

    /** A watched connection with both its ends. */
    private final class Watched implements AutoCloseable {
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final Cancellation cancellation = new Cancellation();
        private final Socket client;
        private final Socket server;
        private final ClientWatch.Watch watch;

        Watched() throws IOException {
            this(clients);
        }

        Watched(ClientWatch clients) throws IOException {
            client = new Socket(listener.getInetAddress(), listener.getLocalPort());
            server = listener.accept();
            cancellation.onCancel(cancelled::countDown);
            watch = clients.watch(peer(server.getLocalPort()), peer(server.getPort()), cancellation);
        }

        TcpTable.Connection address() {
            return new TcpTable.Connection(server.getLocalPort(), server.getPort());
        }

        void assertStays() throws InterruptedException {
            assertThat(cancelled.await(A_WHILE_MS, TimeUnit.MILLISECONDS)).isFalse();
        }

        @Override
        public void close() throws IOException {
            watch.close();
            client.close();
            server.close();
        }
    }

    private static PeerInfo peer(int port) {
        return new Peer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), "localhost", port);
    }

    private record Peer(SocketAddress address, String host, int port) implements PeerInfo {
        @Override
        public Optional<Principal> tlsPrincipal() {
            return Optional.empty();
        }

        @Override
        public Optional<Certificate[]> tlsCertificates() {
            return Optional.empty();
        }
    }
}
