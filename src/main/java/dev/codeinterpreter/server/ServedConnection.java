package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.http1.RefusedRequestException;
import dev.codeinterpreter.http1.RequestBytes;
import dev.codeinterpreter.logging.RequestId;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** Helidon's HTTP/1.1 over a {@link WatchedConnection}; answers what cannot be given to Helidon. */
final class ServedConnection implements ServerConnection, InterruptableTask<Void> {
    private final ConnectionContext context;
    private final ReadAhead ahead;
    private final ProbedWriter writer;
    private final ClientIo client;
    private final RequestBytes requests;
    private final ServerConnection http;
    /** The client's address. */
    private final String peer;

    ServedConnection(
            ConnectionContext context,
            Http1ConnectionSelector http,
            TransferLimits limits,
            StallWatch watch,
            Handshakes handshakes) {
        this.context = context;
        Runnable cut = context.isSecure() ? established(context, handshakes) : () -> cut(context.serverSocket());
        this.peer = context.remotePeer().host();
        this.writer = new ProbedWriter(context.dataWriter(), watch, limits.write(), cut);
        this.ahead = new ReadAhead(context.dataReader(), writer::probe, cut, limits.presence());
        this.client = new ClientIo(ahead, writer, limits, watch, cut);
        this.requests = new RequestBytes(client::receive, this::canInterrupt);
        this.http = http.connection(new WatchedConnection(context, DataReader.create(this::read), client));
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            ScopedValue.where(ReadAhead.CURRENT, ahead).<Boolean, InterruptedException>call(() -> {
                http.handle(limit);
                return true;
            });
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof SSLException) {
                // Of those of sockets Helidon knows what they mean; it would log these with their stacks.
                throw new CloseConnectionException("the client has gone", e);
            }
            throw e;
        } finally {
            if (requests.hasRefused()) {
                client.discard();
            }
            if (context.isSecure()) {
                client.close(context.serverSocket());
            }
        }
    }

    @Override
    public Duration idleTime() {
        return http.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        http.close(interrupt);
    }

    /** Whether Helidon reads the beginning of a request. */
    @Override
    public boolean canInterrupt() {
        return http instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    private byte[] read() {
        boolean begins = canInterrupt();
        if (begins) {
            ahead.requestBegins();
            writer.requestBegins();
        }
        try {
            byte[] bytes = requests.get();
            if (begins) {
                client.answers(requests.isHeadOnly());
            }
            if (requests.isRequestRead()) {
                ahead.requestEnds();
            }
            return bytes;
        } catch (RefusedRequestException e) {
            if (canInterrupt()) {
                client.answers(requests.isHeadOnly());
                RequestLog.refused(e.status().code(), peer);
                client.writeNow(BufferData.create(answer(e)));
                throw new CloseConnectionException("a request was refused", e);
            }
            throw e;
        }
    }

    /** What closes the connection now. */
    private static Runnable established(ConnectionContext context, Handshakes handshakes) {
        SocketChannel channel = Handshakes.channel(context);
        handshakes.end(channel);
        return () -> Handshakes.close(channel);
    }

    private static void cut(HelidonSocket socket) {
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // Its client has been quicker.
        }
    }

    private static byte[] answer(RefusedRequestException refusal) {
        byte[] body = ErrorBody.of(ErrorCode.ofStatus(refusal.status().code()), String.valueOf(refusal.getMessage()));
        byte[] head = """
                HTTP/1.1 %d %s\r
                Content-Type: application/json\r
                Content-Length: %d\r
                Connection: close\r
                %s: %s\r
                \r
                """.formatted(
                        refusal.status().code(),
                        refusal.status().reasonPhrase(),
                        body.length,
                        RequestId.HEADER,
                        RequestId.current())
                .getBytes(US_ASCII);
        byte[] answer = java.util.Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, answer, head.length, body.length);
        return answer;
    }
}
