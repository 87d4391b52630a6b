package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Speaks as much HTTP on a Unix socket as a test tells it to. A request waits until a reaction to it is known, so that one
 * without any finds a hung engine.
 *
 * <p>INVARIANT: {@code lock} guards the collections and {@code closed}.
 */
final class FakeEngine implements AutoCloseable {

    private interface Reaction {
        /** Returns whether the connection stays open for another request. */
        boolean react(InputStream in, OutputStream out) throws IOException;
    }

    private final Path socket;
    private final ServerSocketChannel listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<SocketChannel> connections = new ArrayList<>();
    private final Map<String, Reaction> reactions = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> bodies = new ArrayList<>();
    private final AtomicBoolean hungUp = new AtomicBoolean();
    private boolean closed;

    FakeEngine(Path socket) throws IOException {
        this.socket = socket;
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().name("fake-engine").start(this::accept);
    }

    URI address() {
        return URI.create("unix://" + socket);
    }

    /** @param request method and path */
    void answers(String request, String response) {
        put(request, (in, out) -> {
            out.write(response.getBytes(UTF_8));
            return true;
        });
    }

    void answersAndHangsUp(String request, String response) {
        put(request, (in, out) -> {
            out.write(response.getBytes(UTF_8));
            return false;
        });
    }

    /** Sends letters until the client hangs up. */
    void answersWithoutEnd(String request) {
        put(request, (in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
            byte[] letters = "x".repeat(1 << 16).getBytes(UTF_8);
            while (true) {
                out.write(letters);
            }
        });
    }

    /** Answers with {@code head}, then sends back what comes. */
    void echoes(String request, String head) {
        put(request, (in, out) -> {
            byte[] buffer = new byte[1 << 16];
            try {
                out.write(head.getBytes(UTF_8));
                for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                    out.write(buffer, 0, count);
                }
            } finally {
                // Of a client that has not read all, this end is an error.
                hungUp.set(true);
            }
            return false;
        });
    }

    /** Whether the client has hung up on what {@link #echoes}. */
    boolean hasHungUp() {
        return hungUp.get();
    }

    /** Methods and paths, in the order in which they came. */
    List<String> requests() {
        lock.lock();
        try {
            return List.copyOf(requests);
        } finally {
            lock.unlock();
        }
    }

    /** Those that are not empty. */
    List<String> bodies() {
        lock.lock();
        try {
            return List.copyOf(bodies);
        } finally {
            lock.unlock();
        }
    }

    void awaitRequest(String request) throws InterruptedException {
        lock.lock();
        try {
            while (!requests.contains(request)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            listener.close();
            for (SocketChannel connection : connections) {
                connection.close();
            }
            Files.deleteIfExists(socket);
        } finally {
            lock.unlock();
        }
    }

    private void put(String request, Reaction reaction) {
        lock.lock();
        try {
            reactions.put(request, reaction);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = listener.accept();
                lock.lock();
                try {
                    connections.add(connection);
                } finally {
                    lock.unlock();
                }
                Thread.ofVirtual().name("fake-engine-connection").start(() -> serve(connection));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(connection));
            OutputStream out = Channels.newOutputStream(connection);
            boolean open = true;
            while (open) {
                open = reactionTo(readRequest(in)).react(in, out);
            }
        } catch (IOException e) {
            // The client has hung up, or the test is over.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String readRequest(InputStream in) throws IOException {
        String[] methodAndPath = line(in).split(" ", 3);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String[] nameAndValue = header.split(": *", 2);
            if (nameAndValue[0].toLowerCase(Locale.ROOT).equals("content-length")) {
                length = Integer.parseInt(nameAndValue[1]);
            }
        }
        String body = new String(in.readNBytes(length), UTF_8);
        String request = methodAndPath[0] + " " + methodAndPath[1];
        lock.lock();
        try {
            requests.add(request);
            if (!body.isEmpty()) {
                bodies.add(body);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return request;
    }

    private Reaction reactionTo(String request) throws IOException, InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                Reaction reaction = reactions.get(request);
                if (reaction != null) {
                    return reaction;
                }
                changed.await();
            }
            throw new EOFException("the engine is closed");
        } finally {
            lock.unlock();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }
}
