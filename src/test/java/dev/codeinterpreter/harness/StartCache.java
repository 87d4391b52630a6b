package dev.codeinterpreter.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The options and the AOT cache that the service is shipped with: a JVM starts in less than half of the time with them,
 * and a test sees the JVM that an operator has.
 *
 * <p>The cache belongs to one build of the jar and is recorded once for it, by the first test that starts a service. Forks
 * of the test JVM share it: a file lock lets one record and the others wait. The file is moved into place when it is
 * whole, so a recording that was interrupted leaves none.
 */
final class StartCache {
    private static final Path OPTIONS = Path.of("src/main/jvm/service.options");
    private static final Path RECORDER = Path.of("src/main/jvm/record-start");

    /** Takes 30 s on two processors with an engine; a bound on hanging only. */
    private static final int RECORDING_TIMEOUT_MINUTES = 10;

    private StartCache() {}

    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * What stands between {@code java} and {@code -jar}. Records the cache where there is none that is newer than the jar,
     * unless {@code -Dservice.cache=no} does without: a few starts take less than the recording.
     *
     * @throws AssertionError if it cannot be recorded, with what the recorder printed
     */
    static List<String> arguments(Path jar) {
        String options = "@" + OPTIONS.toAbsolutePath();
        if ("no".equals(System.getProperty("service.cache"))) {
            return List.of(options);
        }
        Path cache = jar.resolveSibling(jar.getFileName().toString().replaceFirst("\\.jar$", "") + ".aot")
                .toAbsolutePath();
        try {
            ensureRecorded(jar.toAbsolutePath(), cache);
        } catch (IOException e) {
            throw new UncheckedIOException("recording " + cache, e);
        }
        return List.of(options, "-XX:AOTCache=" + cache);
    }

    /** One thread of this JVM at a time: its threads would share a file lock, which the JDK refuses. */
    private static synchronized void ensureRecorded(Path jar, Path cache) throws IOException {
        try (FileChannel channel = FileChannel.open(
                        cache.resolveSibling(cache.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (!isNewer(cache, jar)) {
                record(jar, cache);
            }
        }
    }

    private static boolean isNewer(Path cache, Path jar) throws IOException {
        return Files.exists(cache) && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
    }

    private static void record(Path jar, Path cache) throws IOException {
        Path unfinished = cache.resolveSibling(cache.getFileName() + ".unfinished");
        Path log = cache.resolveSibling(cache.getFileName() + ".log");
        Process recorder = new ProcessBuilder(
                        RECORDER.toAbsolutePath().toString(),
                        java().toString(),
                        OPTIONS.toAbsolutePath().toString(),
                        jar.toString(),
                        unfinished.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread interrupted = new Thread(recorder::destroy); // it then ends the service that it has started
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            if (!recorder.waitFor(RECORDING_TIMEOUT_MINUTES, TimeUnit.MINUTES) || recorder.exitValue() != 0) {
                throw new AssertionError("the service's start was not recorded:\n" + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the service's start is recorded", e);
        } finally {
            recorder.destroy();
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
        Files.move(unfinished, cache, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(log);
    }
}
