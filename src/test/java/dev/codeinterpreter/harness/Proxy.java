package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A reverse proxy of Debian in front of a service, with the configuration that its own manual begins with. */
public final class Proxy implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);

    /** Which program, and how it is configured. */
    public enum Kind {
        /** Asks the service in HTTP/1.0 and without keeping a connection, as nginx does by default. */
        NGINX("""
                daemon off;
                user root;
                pid {directory}/pid;
                error_log {directory}/log;
                events {}
                http {
                  access_log off;
                  client_body_temp_path {directory}/body;
                  proxy_temp_path {directory}/proxy;
                  fastcgi_temp_path {directory}/fastcgi;
                  uwsgi_temp_path {directory}/uwsgi;
                  scgi_temp_path {directory}/scgi;
                  client_max_body_size 200m;
                  server {
                    listen 127.0.0.1:{port};
                    location / { proxy_pass http://127.0.0.1:{service}; }
                  }
                }
                """),
        /** Its check is a request of HTTP/1.0; until that is answered the proxy answers 503. */
        HAPROXY("""
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                frontend clients
                  bind 127.0.0.1:{port}
                  default_backend services
                backend services
                  option httpchk GET /health
                  server one 127.0.0.1:{service} check inter 200 rise 1 fall 1
                """);

        private final String configuration;

        Kind(String configuration) {
            this.configuration = configuration;
        }

        private String program() {
            return "/usr/sbin/" + name().toLowerCase(Locale.ROOT);
        }

        /** Whether the program is installed here. */
        public boolean isInstalled() {
            return Files.isExecutable(Path.of(program()));
        }

        private List<String> command(Path configuration) {
            return switch (this) {
                case NGINX -> List.of(program(), "-e", "stderr", "-c", configuration.toString());
                case HAPROXY -> List.of(program(), "-db", "-f", configuration.toString());
            };
        }
    }

    private final Path directory;
    private final Process process;
    private final Api api;

    private Proxy(Path directory, Process process, Api api) {
        this.directory = directory;
        this.process = process;
        this.api = api;
    }

    /** Starts one; the service answers through it when this returns. */
    public static Proxy start(Kind kind, ServiceProcess service) {
        try {
            Path directory = Files.createTempDirectory("code-interpreter-proxy-");
            Janitor.watchDirectory(directory);
            int port = Ports.free();
            Path configuration = Files.writeString(
                    directory.resolve("configuration"),
                    kind.configuration
                            .replace("{directory}", directory.toString())
                            .replace("{port}", Integer.toString(port))
                            .replace("{service}", Integer.toString(service.api().port())));
            Process process = new ProcessBuilder(kind.command(configuration))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .start();
            Proxy proxy = new Proxy(directory, process, new Api(port));
            proxy.awaitService(port);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The service behind it. */
    public Api api() {
        return api;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            delete();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitService(int port) {
        Await.until("a service behind " + directory, START, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the proxy ended:\n" + output());
            }
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return api.get("/health").status() == 200;
            } catch (IOException e) {
                return false; // It does not listen yet.
            }
        });
    }

    private String output() {
        try {
            return Files.readString(directory.resolve("output"), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() {
        try (Stream<Path> below = Files.walk(directory)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
