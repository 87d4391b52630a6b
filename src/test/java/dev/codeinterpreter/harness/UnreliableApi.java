package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cluster's API as it is when it is not at its best: between a client and the real one, which answers all but the requests
 * that a test has refused. One request a connection; a connection that changes its protocol is left alone.
 */
public final class UnreliableApi implements AutoCloseable {
    private final Config cluster = Config.autoConfigure(null);
    private final ServerSocket server;
    private final Path kubeconfig;
    private final Collection<Socket> streams = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile String refused = "";
    private volatile int status;

    public UnreliableApi() throws IOException {
        this.server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        this.kubeconfig = Files.createTempFile("unreliable-", ".kubeconfig");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                current-context: here
                clusters: [{name: here, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: me, user: {}}]
                contexts: [{name: here, context: {cluster: here, user: me}}]
                """.formatted(server.getLocalPort()));
        Thread.ofVirtual().name("unreliable-api").start(this::accept);
    }

    /** For KUBECONFIG. */
    public String kubeconfig() {
        return kubeconfig.toString();
    }

    /** Answers so many requests with {@code status} whose first line holds {@code part}. */
    public void refuse(int times, int status, String part) {
        this.status = status;
        this.refused = part;
        refusals.set(times);
    }

    /** How many are still to be refused. */
    public int refusalsLeft() {
        return refusals.get();
    }

    /** Breaks every connection that has become a stream into a pod. */
    public void breakStreams() throws IOException {
        for (Socket stream : streams) {
            stream.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.delete(kubeconfig);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            List<String> head = head(client.getInputStream());
            if (!head.isEmpty()
                    && head.getFirst().contains(refused)
                    && refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                refuse(client, head);
            } else if (!head.isEmpty()) {
                pass(client, head);
            }
        } catch (IOException | GeneralSecurityException e) {
            System.getLogger(UnreliableApi.class.getName()).log(System.Logger.Level.DEBUG, "a connection broke", e);
        }
    }

    private void refuse(Socket client, List<String> head) throws IOException {
        int length = head.stream()
                .filter(line -> name(line).equals("content-length"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
        client.getInputStream().readNBytes(length);
        client.getOutputStream()
                .write("HTTP/1.1 %d Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .formatted(status)
                        .getBytes(UTF_8));
    }

    private void pass(Socket client, List<String> head) throws IOException, GeneralSecurityException {
        URI address = URI.create(cluster.getMasterUrl());
        boolean stream =
                head.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("upgrade: websocket"));
        List<String> lines = new ArrayList<>(head);
        lines.removeIf(line -> List.of("host", "authorization").contains(name(line))
                || (!stream
                        && List.of("connection", "upgrade", "http2-settings").contains(name(line))));
        lines.add("Host: " + address.getAuthority());
        if (!stream) {
            lines.add("Connection: close");
        }
        lines.add("Authorization: Bearer "
                + Objects.requireNonNullElse(cluster.getOauthToken(), cluster.getAutoOAuthToken()));
        try (Socket api = SSLUtils.sslContext(cluster)
                .getSocketFactory()
                .createSocket(address.getHost(), address.getPort() < 0 ? 443 : address.getPort())) {
            if (stream) {
                streams.add(client);
            }
            api.getOutputStream().write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1));
            Thread.ofVirtual().start(() -> copy(client, api));
            copy(api, client);
        }
    }

    /** Until either has ended; then neither is of use any more. */
    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            OutputStream out = to.getOutputStream();
            from.getInputStream().transferTo(out);
        } catch (IOException e) {
            System.getLogger(UnreliableApi.class.getName()).log(System.Logger.Level.DEBUG, "a connection broke", e);
        }
    }

    private static String name(String line) {
        return line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT);
    }

    /** The lines of a request's head; empty when there is none. */
    private static List<String> head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                return List.of();
            }
            text.append((char) c);
        }
        return text.toString().strip().lines().toList();
    }
}
