package dev.codeinterpreter.files.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands in front of an S3 server of this machine and spoils its answers: one request for each connection. */
final class FaultyServer implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

    private final URI server;
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger left = new AtomicInteger();
    private volatile Kind kind = Kind.CUT;
    private volatile Pattern request = Pattern.compile("$^");
    private volatile int number;

    enum Kind {
        /** This status instead of the server's answer, of which it hears nothing. */
        STATUS,
        /** No answer, and no end. */
        SILENCE,
        /** After so many bytes of the answer the connection ends. */
        CUT,
        /** After so many bytes of the answer nothing comes any more. */
        STALL
    }

    FaultyServer(URI server) throws IOException {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /** Spoils the next {@code times} requests whose first line has {@code line} in it. */
    void spoil(Kind how, String line, int bytesOrStatus, int times) {
        kind = how;
        request = Pattern.compile(line);
        number = bytesOrStatus;
        left.set(times);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Closeable each : open) {
            each.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            String head = head(in);
            if (head.isEmpty()) {
                return;
            }
            boolean spoilt =
                    request.matcher(head.lines().findFirst().orElse("")).find() && left.getAndDecrement() > 0;
            if (spoilt && kind == Kind.SILENCE) {
                in.transferTo(OutputStream.nullOutputStream());
                return;
            }
            Matcher length = LENGTH.matcher(head);
            byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
            if (spoilt && kind == Kind.STATUS) {
                client.getOutputStream()
                        .write("HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                .formatted(number)
                                .getBytes(ISO_8859_1));
                return;
            }
            pass(head, body, client, spoilt ? number : Long.MAX_VALUE);
            if (spoilt && kind == Kind.STALL) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // One of the two has gone.
        }
    }

    private void pass(String head, byte[] body, Socket client, long most) throws IOException {
        try (Socket real = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            OutputStream out = real.getOutputStream();
            out.write(head.replaceAll("(?i)\r\nconnection:[^\r]*", "")
                    .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n")
                    .getBytes(ISO_8859_1));
            out.write(body);
            out.flush();
            InputStream answer = real.getInputStream();
            byte[] buffer = new byte[8192];
            for (long passed = 0; passed < most; ) {
                int count = answer.read(buffer, 0, (int) Math.min(buffer.length, most - passed));
                if (count < 0) {
                    return;
                }
                client.getOutputStream().write(buffer, 0, count);
                passed += count;
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
            end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : 0;
        }
        return head.toString(ISO_8859_1);
    }
}
