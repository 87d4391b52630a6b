package dev.codeinterpreter.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A connection that ends when its client stops in the middle of a request, or stops taking its answer. Between requests
 * it may be idle for longer; that limit is the web server's own.
 */
final class WatchedConnection implements ConnectionContext {
    private static final Duration UNTIL_THE_NEXT_BYTE = Duration.ofSeconds(30);

    /** Longer: what is in the buffers of the kernel moves in jumps. */
    private static final Duration UNTIL_SOMETHING_IS_TAKEN = Duration.ofSeconds(60);

    private final ConnectionContext connection;
    private final StallWatch watch;
    private final DataReader reader;
    private final DataWriter writer;
    private volatile @Nullable ServerConnection server;

    WatchedConnection(ConnectionContext connection, StallWatch watch) {
        this.connection = connection;
        this.watch = watch;
        this.reader = new ChunkSplitter(this::receive);
        this.writer = new Writer(connection.dataWriter());
    }

    void servedBy(ServerConnection value) {
        server = value;
    }

    /** What has come of the next request's first line counts as nothing. */
    private boolean isBetweenRequests() {
        return server instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    private byte[] receive() {
        try (StallWatch.Wait _ = watch.begin(UNTIL_THE_NEXT_BYTE, this::isBetweenRequests)) {
            return connection.dataReader().readBuffer().readBytes();
        }
    }

    private void send(Runnable write) {
        try (StallWatch.Wait _ = watch.begin(UNTIL_SOMETHING_IS_TAKEN, () -> false)) {
            write.run();
        }
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public ListenerContext listenerContext() {
        return connection.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return connection.executor();
    }

    @Override
    public Router router() {
        return connection.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return connection.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return connection.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return connection.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return connection.localPeer();
    }

    @Override
    public boolean isSecure() {
        return connection.isSecure();
    }

    @Override
    public String socketId() {
        return connection.socketId();
    }

    @Override
    public String childSocketId() {
        return connection.childSocketId();
    }

    private final class Writer implements DataWriter {
        private final DataWriter target;

        private Writer(DataWriter target) {
            this.target = target;
        }

        @Override
        public void write(BufferData... buffers) {
            send(() -> target.write(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            send(() -> target.write(buffer));
        }

        @Override
        public void writeNow(BufferData... buffers) {
            send(() -> target.writeNow(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            send(() -> target.writeNow(buffer));
        }

        @Override
        public void flush() {
            send(target::flush);
        }

        @Override
        public void close() {
            target.close();
        }
    }
}
