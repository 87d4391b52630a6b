package dev.codeinterpreter.harness;

import dev.codeinterpreter.fake.FakeBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The service as it is shipped, with its JVM's options and AOT cache, in a process and a directory of its own, with a small
 * heap. It sees the variables that the test gives and DOCKER_HOST, and its sandboxes carry a label by which {@link Engine}
 * tells them from everybody else's.
 */
public final class ServiceProcess implements AutoCloseable {
    static final String LABEL = "code-interpreter.test";

    private static final Path JAR = Path.of(System.getProperty("service.jar", "target/code-interpreter.jar"));
    private static final String EXECUTOR_IMAGE = "code-interpreter-executor:latest";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final Map<Map<String, String>, ServiceProcess> SHARED = new HashMap<>();

    private final Map<String, String> environment;
    private final Path directory;
    private final String run;
    private final Path log;
    private final Process process;
    private final Api api;

    /** How a service that does not stay ended. */
    public record End(int exitStatus, String log) {}

    private ServiceProcess(Map<String, String> environment, Path directory, String run) {
        this.environment = Map.copyOf(environment);
        this.directory = directory;
        this.run = run;
        try {
            int port = Ports.free();
            Path temporary = Files.createDirectories(directory.resolve("tmp"));
            this.log = Files.createTempFile(directory, "service", ".log");
            List<String> command = new ArrayList<>(List.of(StartCache.java().toString()));
            command.addAll(StartCache.arguments(JAR));
            command.addAll(List.of("-Xmx96m", "-Djava.io.tmpdir=" + temporary));
            command.addAll(
                    "fake".equals(environment.get("EXECUTOR_BACKEND"))
                            // The cache fits as long as the class path begins as it did in the recording.
                            ? List.of(
                                    "-cp",
                                    JAR.toAbsolutePath() + ":" + fakeBackend(directory),
                                    "dev.codeinterpreter.Main")
                            : List.of("-jar", JAR.toAbsolutePath().toString()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().keySet().retainAll(List.of("PATH", "DOCKER_HOST"));
            builder.environment().put("PORT", Integer.toString(port));
            builder.environment().put("HOST", "127.0.0.1");
            builder.environment().put("FILE_STORAGE_DIR", storage().toString());
            // Most tests count sandboxes; those of the warm pool ask for one.
            builder.environment().put("WARM_POOL_SIZE", "0");
            builder.environment().put("WARM_POOL_BARE_SIZE", "0");
            builder.environment().put("WARM_POOL_SESSION_SIZE", "0");
            builder.environment().putAll(Backend.current().environment(run));
            // The label stays where a test has arguments of its own.
            environment.forEach((name, value) -> builder.environment()
                    .merge(name, value, (ours, theirs) -> name.endsWith("_RUN_ARGS") ? ours + " " + theirs : theirs));
            this.process = builder.start();
            String certificate = environment.get("TLS_CERT_FILE");
            this.api = certificate == null
                    ? new Api(port)
                    : Api.overTls(
                            port, Certificates.trusting(Path.of(certificate).resolveSibling("ca.pem")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records what a service loads at its start, which takes half a minute, where that has not been done. */
    static void prepare() {
        List<String> _ = StartCache.arguments(JAR);
    }

    /** Starts a service in an empty directory; it is healthy when this returns. */
    public static ServiceProcess start(Map<String, String> environment) {
        ServiceProcess service = launch(environment);
        service.awaitHealth();
        return service;
    }

    /**
     * The service with these settings that the test classes of this JVM share. The first starts it, each leaves it as it
     * was, and it ends with the JVM.
     */
    public static ServiceProcess shared(Map<String, String> environment) {
        synchronized (SHARED) {
            return SHARED.computeIfAbsent(Map.copyOf(environment), settings -> {
                ServiceProcess service = start(settings);
                Runtime.getRuntime().addShutdownHook(new Thread(service::close));
                return service;
            });
        }
    }

    /** The shared service that has no engine: a request that needs one is answered with 503. */
    public static ServiceProcess withoutEngine() {
        return shared(Backend.current().nowhere());
    }

    /** Starts a service on the fake backend: for what launches nothing. {@code FAKE_RUN_MS} is how long a program takes. */
    public static ServiceProcess onFake(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("EXECUTOR_BACKEND", "fake");
        return start(all);
    }

    /** A directory with the classes of the fake backend, which the service finds as a bean there. */
    private static Path fakeBackend(Path directory) throws IOException {
        Path classes = Path.of(FakeBackend.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .resolve("dev/codeinterpreter/fake");
        Path copy = Files.createDirectories(directory.resolve("fake/dev/codeinterpreter/fake"));
        try (DirectoryStream<Path> compiled = Files.newDirectoryStream(classes, "*.class")) {
            for (Path file : compiled) {
                // A successor finds them there.
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path top = directory.resolve("fake");
        Files.writeString(
                Files.createDirectories(top.resolve("META-INF")).resolve("beans.xml"),
                "<beans xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"4.0\" bean-discovery-mode=\"annotated\"/>");
        return top;
    }

    /** Starts a service whose executor image goes by a name of its own, which the test may give to another image. */
    public static ServiceProcess startOnImage(String name, Map<String, String> environment) {
        DockerEngine.tag(EXECUTOR_IMAGE, name);
        Map<String, String> all = new HashMap<>(environment);
        all.put("PYTHON_EXECUTOR_DOCKER_IMAGE", name);
        return start(all);
    }

    /** Starts a service that is expected to end by itself. */
    public static End startAndEnd(Map<String, String> environment) {
        try (ServiceProcess service = launch(environment)) {
            return new End(service.awaitEnd(START), service.log());
        }
    }

    /** Another service in the same place, after this one has ended. */
    public ServiceProcess successor() {
        if (process.isAlive()) {
            throw new IllegalStateException("it still runs");
        }
        ServiceProcess service = new ServiceProcess(environment, directory, run);
        service.awaitHealth();
        return service;
    }

    public Api api() {
        return api;
    }

    /** Waits until so many sandboxes are idle in the warm pool, with their libraries unless the service imports none. */
    public void awaitIdle(int count) {
        boolean importsNone = "none".equals(environment.get("PRELOAD_MODULES"));
        Await.until(
                count + " idle sandboxes",
                START,
                () -> poolSize("idle") == count && (importsNone || poolSize("preloaded") == count));
    }

    /** How many sandboxes of the warm pool are in this state. */
    public int poolSize(String state) {
        Matcher gauge = Pattern.compile(
                        "(?m)^code_interpreter_sandbox_pool_size\\{[^}]*state=\"%s\"[^}]*} (\\d+)".formatted(state))
                .matcher(api.get("/metrics").body());
        return gauge.find() ? Integer.parseInt(gauge.group(1)) : -1;
    }

    /** The sandboxes of this service and of its successors. */
    public Engine engine() {
        return Engine.of(run);
    }

    /** The same on an engine of the test's own. */
    public DockerEngine engineAt(String address) {
        return new DockerEngine(run, URI.create(address));
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path storage() {
        return directory.resolve("files");
    }

    /** Regular files below the storage directory, relative to it, with their sizes. */
    public Map<String, Long> stored() {
        return filesBelow(storage());
    }

    /** What the service keeps on disk for as long as it answers, with sizes. */
    public Map<String, Long> temporaryFiles() {
        return filesBelow(directory.resolve("tmp"));
    }

    private static Map<String, Long> filesBelow(Path top) {
        Map<String, Long> sizes = new TreeMap<>();
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        sizes.put(top.relativize(file).toString(), attributes.size());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // It has just gone.
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sizes;
    }

    /** Bytes of the files below the storage directory that it has open and that have no name any more. */
    public long namelessBytes() {
        long sum = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(proc("fd"))) {
            for (Path descriptor : descriptors) {
                sum += namelessBytes(descriptor);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long namelessBytes(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith(storage().toString()) && target.endsWith(" (deleted)")
                    ? Files.size(descriptor)
                    : 0;
        } catch (IOException e) {
            return 0; // It has just been closed.
        }
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(STOP);
    }

    /** SIGTERM; gives the exit status. */
    public int stop() {
        process.destroy();
        return awaitEnd(STOP);
    }

    /** SIGTERM without waiting. */
    public void beginStop() {
        process.destroy();
    }

    public int awaitEnd(Duration bound) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the service still runs:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the service ends", e);
        }
    }

    /** Bytes of its memory that are in RAM now. */
    public long residentBytes() {
        return 1024 * statusNumber("VmRSS");
    }

    public long threads() {
        return statusNumber("Threads");
    }

    /** Whether its JVM uses the AOT cache, which it leaves alone without a word where it does not fit. */
    public boolean usesStartCache() {
        try (Stream<String> maps = Files.lines(proc("maps"))) {
            return maps.anyMatch(line -> line.endsWith(".aot"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long openDescriptors() {
        try (Stream<Path> descriptors = Files.list(proc("fd"))) {
            return descriptors.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a command of jcmd prints about its JVM. */
    public String jcmd(String command) {
        return Command.run(StartCache.java().resolveSibling("jcmd").toString(), Long.toString(process.pid()), command);
    }

    @Override
    public void close() {
        kill();
        try {
            delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServiceProcess launch(Map<String, String> environment) {
        try {
            Path directory = Files.createTempDirectory("code-interpreter-it-");
            String run = UUID.randomUUID().toString();
            Janitor.watchDirectory(directory);
            if (Backend.current() == Backend.DOCKER) {
                Janitor.watchRun(run);
            }
            return new ServiceProcess(environment, directory, run);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitHealth() {
        Await.until("a healthy service", START, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the service ended:\n" + log());
            }
            try {
                return api.get("/health").status() == 200;
            } catch (UncheckedIOException e) {
                return false; // It does not listen yet.
            }
        });
    }

    private long statusNumber(String name) {
        try {
            return Files.readAllLines(proc("status")).stream()
                    .map(line -> line.split("[:\\s]+"))
                    .filter(words -> words[0].equals(name))
                    .mapToLong(words -> Long.parseLong(words[1]))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path proc(String entry) {
        return Path.of("/proc", Long.toString(process.pid()), entry);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path entry, @org.jspecify.annotations.Nullable IOException e)
                    throws IOException {
                Files.delete(entry);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
