package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Docker Engine of a test's own, which it may kill, stop and fill. It has a directory of its own for all that it keeps
 * and writes, its name is in the command line of every process of it, and by that name they are found and ended.
 */
public final class PrivateEngine implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(40);

    private final Path directory;
    private final List<String> options;
    private final Path small;
    private @Nullable Process daemon;

    private PrivateEngine(Path directory, List<String> options) {
        this.directory = directory;
        this.options = options;
        this.small = directory.resolve("data/containers");
    }

    /** Why no such engine can run here, if none can. */
    public static Optional<String> obstacle() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("an engine of the test's own needs root");
        }
        return Stream.of("/usr/sbin/dockerd", "/usr/bin/dockerd").anyMatch(name -> Files.isExecutable(Path.of(name)))
                ? Optional.empty()
                : Optional.of("there is no dockerd on this machine");
    }

    /** Starts one that has the image of this name. */
    public static PrivateEngine start(String image, String... options) {
        try {
            PrivateEngine engine = new PrivateEngine(Files.createTempDirectory("private-engine-"), List.of(options));
            Janitor.watchDirectory(engine.directory);
            // What it writes for each container has a place of its own, so that a test can fill it. The engine covers
            // what
            // is mounted below its directory, unless that can be seen by others.
            run("mount", "--bind", engine.directory.toString(), engine.directory.toString());
            run("mount", "--make-shared", engine.directory.toString());
            Files.createDirectories(engine.small);
            run("mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=400", "private-engine", engine.small.toString());
            engine.launch();
            run(
                    "sh",
                    "-c",
                    "docker -H unix://%s save %s | docker -H %s load"
                            .formatted(DockerEngine.socket(), image, engine.address()));
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For DOCKER_HOST. */
    public String address() {
        return "unix://" + socket();
    }

    public Path socket() {
        return directory.resolve("docker.sock");
    }

    /** Runs the docker command against it. */
    public void docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "-H", address()));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    /** Again, after {@link #kill} or {@link #stop}. */
    public void launch() {
        try {
            // One that was killed leaves them, and they keep the next one from starting.
            Files.deleteIfExists(directory.resolve("pid"));
            endContainerd();
            // In a network of its own: without a bridge it would take that of the machine's engine away.
            List<String> command = new ArrayList<>(List.of(
                    "unshare",
                    "--net",
                    "dockerd",
                    "--host=" + address(),
                    "--data-root=" + directory.resolve("data"),
                    "--exec-root=" + directory.resolve("exec"),
                    "--pidfile=" + directory.resolve("pid"),
                    "--cgroup-parent=/" + directory.getFileName(),
                    "--bridge=none",
                    "--iptables=false",
                    "--ip-masq=false",
                    "--ip-forward=false"));
            command.addAll(options);
            daemon = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("an engine of our own", START, this::answers);
    }

    /** SIGKILL; its containers run on without it. */
    public void kill() {
        daemon().destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM; it ends its containers. */
    public void stop() {
        daemon().destroy();
        awaitEnd();
    }

    /** SIGTERM without waiting. */
    public void beginStop() {
        daemon().destroy();
    }

    public void awaitEnd() {
        try {
            if (!daemon().waitFor(40, TimeUnit.SECONDS)) {
                throw new AssertionError("the engine still runs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while an engine ends", e);
        }
    }

    /** SIGSTOP: it accepts connections and says nothing. */
    public void freeze() {
        run("kill", "-STOP", Long.toString(daemon().pid()));
    }

    public void thaw() {
        run("kill", "-CONT", Long.toString(daemon().pid()));
    }

    /** Leaves no room for what it writes of a container. */
    public void fill() {
        try {
            Path filling = Files.createDirectory(small.resolve("filling"));
            for (int i = 0; i < 1000; i++) {
                Files.createFile(filling.resolve(Integer.toString(i)));
            }
        } catch (IOException e) {
            return; // It is full, which is all that is wanted.
        }
        throw new AssertionError("it does not get full");
    }

    public void empty() {
        run("rm", "-rf", small.resolve("filling").toString());
    }

    @Override
    public void close() {
        if (daemon().isAlive()) {
            thaw();
            daemon().destroy();
            try {
                Object _ = daemon().waitFor(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            daemon().destroyForcibly();
        }
        // Its containerd, the shims, and below these the containers.
        ours().forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
        Await.until("the end of all processes of an engine", START, () -> ours().isEmpty());
        try {
            for (String place : mounts()) {
                run("umount", "--lazy", place);
            }
            run("rm", "-rf", "--one-file-system", directory.toString());
            try (Stream<Path> groups = Files.list(Path.of("/sys/fs/cgroup"))) {
                for (Path group : groups.map(top -> top.resolve(directory.getFileName()))
                        .filter(Files::isDirectory)
                        .toList()) {
                    run("find", group.toString(), "-depth", "-type", "d", "-exec", "rmdir", "{}", ";");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process daemon() {
        return Objects.requireNonNull(daemon, "it was never launched");
    }

    private boolean answers() {
        if (!daemon().isAlive()) {
            throw new AssertionError("the engine ended, see " + directory.resolve("log"));
        }
        return DockerEngine.answers(socket());
    }

    private Path containerdPid() {
        return directory.resolve("exec/containerd/containerd.pid");
    }

    private void endContainerd() throws IOException {
        if (Files.notExists(containerdPid())) {
            return;
        }
        long pid = Long.parseLong(Files.readString(containerdPid()).strip());
        ours().stream().filter(process -> process.pid() == pid).forEach(ProcessHandle::destroyForcibly);
        Await.until("the end of a containerd", START, () -> ours().stream().noneMatch(process -> process.pid() == pid));
        Files.deleteIfExists(containerdPid());
    }

    private List<ProcessHandle> ours() {
        String mark = directory.toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> commandLine(process).contains(mark))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException e) {
            return ""; // It has ended.
        }
    }

    /** The deepest first. */
    private List<String> mounts() throws IOException {
        List<String> places = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String place = line.split(" ", 3)[1];
            if (place.equals(directory.toString()) || place.startsWith(directory + "/")) {
                places.add(place);
            }
        }
        Collections.reverse(places);
        return places;
    }

    private static void run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
