package dev.codeinterpreter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.http1.Waiting;
import dev.codeinterpreter.server.ConnectionListener.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ConnectionsTest {
    private final List<SocketChannel> open = new ArrayList<>();
    private final List<Reason> refused = new ArrayList<>();
    private final StallWatch watch = new StallWatch();
    private final Handshakes handshakes = new Handshakes(watch, false, Duration.ZERO);
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    @Test
    void closesWhatIsOverTheLimit() throws IOException {
        Connections connections = connections(8, 0);
        for (int i = 0; i < 7; i++) {
            assertThat(connections.admit(connect("127.0.0.2"))).isTrue();
        }
        SocketChannel over = connect("127.0.0.2");
        assertThat(connections.admit(over)).as("the last eighth is for others").isFalse();
        assertThat(over.isOpen()).isFalse();
        assertThat(connections.admit(connect("127.0.0.3"))).isTrue();
        assertThat(connections.admit(connect("127.0.0.4"))).isFalse();
        assertThat(refused).containsExactly(Reason.LIMIT, Reason.LIMIT);
        assertThat(connections.active()).isEqualTo(8);
    }

    @Test
    void countsWhatIsOpenOnly() throws IOException {
        Connections connections = connections(2, 0);
        for (int i = 0; i < 500; i++) {
            SocketChannel channel = connect("127.0.0.2");
            assertThat(connections.admit(channel)).isTrue();
            channel.close();
        }
        assertThat(connections.active()).isZero();
    }

    @Test
    void limitsAnAddress() throws IOException {
        Connections connections = connections(100, 2);
        assertThat(connections.admit(connect("127.0.0.2"))).isTrue();
        assertThat(connections.admit(connect("127.0.0.2"))).isTrue();
        assertThat(connections.admit(connect("127.0.0.2"))).isFalse();
        assertThat(connections.admit(connect("127.0.0.3"))).isTrue();
        assertThat(refused).containsExactly(Reason.ADDRESS);
    }

    /** One that has never sent a request goes first, however long another has been idle after its own. */
    @Test
    void evictsWhoHasAskedForNothing() throws Exception {
        Connections connections = connections(2, 0);
        SocketChannel idle = connect("127.0.0.2");
        SocketChannel silent = connect("127.0.0.3");
        assertThat(connections.admit(idle)).isTrue();
        assertThat(connections.admit(silent)).isTrue();
        Thread first = waiting(idle, Waiting.NEXT_REQUEST, 1);
        Thread second = waiting(silent, Waiting.HEAD, 2);
        assertThat(connections.admit(connect("127.0.0.4"))).isTrue();
        second.join();
        assertThat(silent.isOpen()).isFalse();
        assertThat(idle.isOpen()).isTrue();
        assertThat(refused).containsExactly(Reason.EVICTED);
        idle.close();
        first.join();
    }

    @Test
    void leavesRequestsAlone() throws Exception {
        Connections connections = connections(1, 0);
        SocketChannel busy = connect("127.0.0.2");
        assertThat(connections.admit(busy)).isTrue();
        Thread reader = waiting(busy, Waiting.BODY, 1);
        assertThat(connections.admit(connect("127.0.0.3"))).isFalse();
        assertThat(busy.isOpen()).isTrue();
        busy.close();
        reader.join();
    }

    @Test
    void acceptsOnAfterAFailureAndSaysWhenItEnds() throws Exception {
        AtomicBoolean dead = new AtomicBoolean();
        FailingListener failing = new FailingListener(listener, 2);
        Connections connections = connections(8, 0);
        LimitedListener limited =
                new LimitedListener(failing, connections, Thread.currentThread(), () -> dead.set(true));
        try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel accepted = limited.accept()) {
            assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
        }
        assertThat(refused).containsExactly(Reason.SYSTEM, Reason.SYSTEM);
        limited.close();
        assertThat(dead).as("closed by its own thread").isTrue();
    }

    @Test
    void followsDescriptorsAndHeap() {
        assertThat(ConnectionLimits.affordable(1024, 1L << 40, false)).isEqualTo(384);
        assertThat(ConnectionLimits.affordable(64, 1L << 40, true)).isEqualTo(16);
        assertThat(ConnectionLimits.affordable(1 << 20, 80L << 20, false)).isEqualTo(512);
        assertThat(ConnectionLimits.affordable(1 << 20, 80L << 20, true)).isEqualTo(320);
        assertThat(ConnectionLimits.affordable(1, 1, true)).isEqualTo(1);
    }

    private Connections connections(int max, int perAddress) {
        return new Connections(new ConnectionLimits(max, perAddress), watch, handshakes, refused::add);
    }

    private SocketChannel connect(String address) throws IOException {
        SocketChannel client = SocketChannel.open().bind(new InetSocketAddress(address, 0));
        open.add(client);
        client.connect(listener.getLocalAddress());
        SocketChannel accepted = listener.accept();
        open.add(accepted);
        return accepted;
    }

    /** A thread that reads, which ends with its channel. */
    private Thread waiting(SocketChannel channel, Waiting reason, long since) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = Thread.ofVirtual().start(() -> {
            try (StallWatch.Wait _ = watch.begin(reason, since, Long.MAX_VALUE, () -> {})) {
                begun.countDown();
                int _ = channel.socket().getInputStream().read();
            } catch (IOException e) {
                // That is its end.
            }
        });
        begun.await();
        Await.until("it reads", Duration.ofSeconds(10), () -> thread.getState() == Thread.State.WAITING);
        return thread;
    }

    /** As a process without descriptors: its first attempts fail. */
    private static final class FailingListener extends ServerSocketChannel {
        private final ServerSocketChannel socket;
        private int failures;

        FailingListener(ServerSocketChannel socket, int failures) {
            super(socket.provider());
            this.socket = socket;
            this.failures = failures;
        }

        @Override
        public SocketChannel accept() throws IOException {
            if (failures-- > 0) {
                throw new IOException("Too many open files");
            }
            return socket.accept();
        }

        @Override
        protected void implCloseSelectableChannel() throws IOException {
            socket.close();
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocketChannel bind(java.net.SocketAddress local, int backlog) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> ServerSocketChannel setOption(java.net.SocketOption<T> name, T value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T getOption(java.net.SocketOption<T> name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<java.net.SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public java.net.SocketAddress getLocalAddress() throws IOException {
            return socket.getLocalAddress();
        }
    }
}
