package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between the service and its engine and spoils what the engine says. Every request goes through unharmed until a
 * {@link Fault} is set whose pattern its first line has.
 *
 * <p>Two threads for each connection. The one that reads from the service sees where a request begins, because the client
 * sends each head in one piece; the fault that it finds holds for all that the engine says until the next request.
 */
public final class FaultProxy implements AutoCloseable {
    private static final Pattern REQUEST = Pattern.compile("^(GET|POST|DELETE|HEAD) (\\S+) HTTP/1\\.1\r\n");

    private final Path directory;
    private final Path engine;
    private final ServerSocketChannel server;
    private final String address;
    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private volatile Fault fault = Fault.NONE;

    /** What becomes of the engine's words. */
    public enum Kind {
        PASS,
        /** Each request is held back for as many milliseconds. */
        DELAY,
        /** After so many bytes nothing comes any more, and nothing ends. */
        HANG,
        /** After so many bytes the connection is cut, without a word. */
        CUT,
        /** After so many bytes the engine's words end, while it is still listened to. */
        TRUNCATE,
        /** From so many bytes on every byte is another one. */
        GARBLE,
        /** The engine hears nothing; the answer has this status. */
        ANSWER
    }

    /**
     * @param request found in the first lines of the requests that it hits, such as {@code POST /containers/create}
     * @param number bytes, milliseconds or a status
     */
    public record Fault(Kind kind, Pattern request, int number) {
        static final Fault NONE = new Fault(Kind.PASS, Pattern.compile(""), 0);

        public static Fault of(Kind kind, String request, int number) {
            return new Fault(kind, Pattern.compile(request), number);
        }

        boolean hits(String line) {
            return request.matcher(line).find();
        }
    }

    /** @param engine the socket of the real one */
    public FaultProxy(Path engine) throws IOException {
        this(engine, false);
    }

    /** On a port of the loopback, as an engine of another machine is reached. */
    public static FaultProxy overTcp(Path engine) throws IOException {
        return new FaultProxy(engine, true);
    }

    private FaultProxy(Path engine, boolean tcp) throws IOException {
        this.engine = engine;
        this.directory = Files.createTempDirectory("fault-proxy-");
        this.server = ServerSocketChannel.open(tcp ? StandardProtocolFamily.INET : StandardProtocolFamily.UNIX);
        server.bind(
                tcp
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                        : UnixDomainSocketAddress.of(socket()));
        this.address = tcp ? "tcp:/" + server.getLocalAddress() : "unix://" + socket();
        Thread.ofVirtual().name("fault-proxy").start(this::accept);
    }

    /** For DOCKER_HOST. */
    public String address() {
        return address;
    }

    public void set(Fault newFault) {
        fault = newFault;
    }

    public void pass() {
        fault = Fault.NONE;
    }

    /** First lines of requests that have come so far and have the pattern; those that got no further as well. */
    public long count(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        return requests.stream().filter(line -> wanted.matcher(line).find()).count();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Closeable connection : open) {
            connection.close();
        }
        Files.deleteIfExists(socket());
        Files.delete(directory);
    }

    private Path socket() {
        return directory.resolve("engine.sock");
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                open.add(client);
                try {
                    SocketChannel target = SocketChannel.open(UnixDomainSocketAddress.of(engine));
                    open.add(target);
                    Connection connection = new Connection(client, target);
                    Thread.ofVirtual().name("to-engine").start(connection::forwardRequests);
                    Thread.ofVirtual().name("from-engine").start(connection::forwardAnswers);
                } catch (IOException e) {
                    client.close(); // There is no engine: what a client sees of that.
                }
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private final class Connection {
        private final SocketChannel client;
        private final SocketChannel target;
        private volatile Fault current = Fault.NONE;
        private final AtomicLong answered = new AtomicLong();

        Connection(SocketChannel client, SocketChannel target) {
            this.client = client;
            this.target = target;
        }

        void forwardRequests() {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = Channels.newInputStream(client);
                OutputStream out = Channels.newOutputStream(target);
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    Matcher request = REQUEST.matcher(new String(buffer, 0, Math.min(count, 2000), ISO_8859_1));
                    if (request.find()) {
                        begin(request.group(1) + " " + request.group(2));
                    }
                    if (current.kind() != Kind.ANSWER) {
                        out.write(buffer, 0, count);
                    }
                }
                target.shutdownOutput();
            } catch (IOException e) {
                cut();
            }
        }

        private void begin(String line) throws IOException {
            requests.add(line);
            Fault now = fault;
            answered.set(0);
            current = now.hits(line) ? now : Fault.NONE;
            if (current.kind() == Kind.DELAY) {
                LockSupport.parkNanos(Duration.ofMillis(current.number()).toNanos());
            } else if (current.kind() == Kind.ANSWER) {
                String body = "{\"message\":\"secret of /the/engine\"}";
                String answer = "HTTP/1.1 %d Fault\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(current.number(), body.length(), body);
                Channels.newOutputStream(client).write(answer.getBytes(ISO_8859_1));
            }
        }

        void forwardAnswers() {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = Channels.newInputStream(target);
                OutputStream out = Channels.newOutputStream(client);
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (!spoil(out, buffer, count)) {
                        return;
                    }
                    answered.addAndGet(count);
                }
                client.shutdownOutput();
            } catch (IOException e) {
                cut();
            }
        }

        /** Whether the connection goes on. */
        private boolean spoil(OutputStream out, byte[] bytes, int count) throws IOException {
            Fault now = current;
            int whole = Math.clamp(now.number() - answered.get(), 0, count);
            switch (now.kind()) {
                case PASS, DELAY, ANSWER -> out.write(bytes, 0, count);
                case GARBLE -> {
                    for (int i = whole; i < count; i++) {
                        bytes[i] ^= 0x55;
                    }
                    out.write(bytes, 0, count);
                }
                case HANG, CUT, TRUNCATE -> {
                    out.write(bytes, 0, whole);
                    if (whole < count && now.kind() != Kind.HANG) {
                        if (now.kind() == Kind.CUT) {
                            cut();
                        } else {
                            client.shutdownOutput();
                        }
                        return false;
                    }
                }
            }
            return true;
        }

        private void cut() {
            try {
                client.close();
                target.close();
            } catch (IOException e) {
                // It is gone, which is all that is wanted.
            }
        }
    }
}
