package dev.codeinterpreter.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A registry of images on this machine, Debian's docker-registry, in a directory of its own. The engine takes one on a
 * loopback address without TLS.
 */
public final class Registry implements AutoCloseable {
    /** Of {@link #withPassword}. */
    public static final String USER = "user";

    public static final String PASSWORD = "pass:word";

    /** Of the two, made by crypt(3) with few rounds. */
    private static final String HTPASSWD = USER + ":$2y$05$abcdefghijklmnopqrstuuDIEddBSuRWBBEY6g5zv60IAP5bSSfki\n";

    private static final String PROGRAM = "usr/bin/docker-registry";
    private static final Duration START = Duration.ofSeconds(20);

    private final Path directory;
    private final String config;
    private final int port;
    private @Nullable Process process;

    private Registry(Path directory, String name, String auth) throws IOException {
        this.directory = directory;
        this.port = Ports.free();
        this.config = directory.resolve(name + ".yml").toString();
        Files.writeString(Path.of(config), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s/data}}
                http: {addr: "127.0.0.1:%d"}
                %s
                """.formatted(directory, port, auth));
    }

    /** Why there can be none here, if there can be none. */
    public static Optional<String> obstacle() {
        if (!DockerEngine.isLocal()) {
            return Optional.of("skipped: the engine is on another machine than a registry of ours");
        }
        return program().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "skipped: there is no docker-registry here (Debian's package, unpacked by dev/test --faults)");
    }

    /** Installed, or unpacked by {@code dev/lib/tests.sh}. */
    private static Optional<Path> program() {
        String home = System.getProperty("user.home");
        String cache = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), home + "/.cache");
        return Stream.of("/", cache + "/code-interpreter/registry")
                .map(place -> Path.of(place, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** An empty one that is not started yet. */
    public static Registry create() {
        try {
            Path directory = Files.createTempDirectory("registry-");
            Janitor.watchDirectory(directory);
            return new Registry(directory, "open", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another one for the same images, which asks for a password. Closing it leaves the images. */
    public Registry withPassword() {
        try {
            Path users = Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
            return new Registry(directory, "closed", "auth: {htpasswd: {realm: test, path: %s}}".formatted(users));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    public Registry start() {
        try {
            process = new ProcessBuilder(program().orElseThrow().toString(), "serve", config)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("a registry", START, this::listens);
        return this;
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
            try {
                Object _ = process.waitFor(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean listens() {
        if (!Objects.requireNonNull(process).isAlive()) {
            throw new AssertionError("the registry ended, see " + directory.resolve("log"));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
