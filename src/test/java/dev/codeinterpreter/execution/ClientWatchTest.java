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
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
        try (Connection connection = new Connection()) {
            connection.assertStays();
            connection.client.close();
            connection.cancelled.await();
        }
    }

    @Test
    void cancelsWhenTheClientClosesItsSendingSide() throws Exception {
        try (Connection connection = new Connection()) {
            connection.assertStays();
            connection.client.shutdownOutput();
            connection.cancelled.await();
        }
    }

    @Test
    void cancelsWhenTheConnectionIsReset() throws Exception {
        try (Connection connection = new Connection()) {
            connection.assertStays();
            connection.client.setSoLinger(true, 0);
            connection.client.close();
            connection.cancelled.await();
        }
    }

    @Test
    void leavesTheOthersAlone() throws Exception {
        try (Connection leaving = new Connection();
                Connection staying = new Connection();
                Connection answered = new Connection()) {
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

    /** A watched connection with both its ends. */
    private final class Connection implements AutoCloseable {
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final Cancellation cancellation = new Cancellation();
        private final Socket client;
        private final Socket server;
        private final ClientWatch.Watch watch;

        Connection() throws IOException {
            client = new Socket(listener.getInetAddress(), listener.getLocalPort());
            server = listener.accept();
            cancellation.onCancel(cancelled::countDown);
            watch = clients.watch(peer(server.getLocalPort()), peer(server.getPort()), cancellation);
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
