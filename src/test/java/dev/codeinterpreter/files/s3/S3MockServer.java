package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.harness.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Adobe's S3Mock in a process of its own, with a bucket called {@code files}; one for all tests of this JVM. */
final class S3MockServer {
    static final String BUCKET = "files";

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);

    private static final class Holder {
        private static final URI SERVER = start();
    }

    private S3MockServer() {}

    static URI shared() {
        return Holder.SERVER;
    }

    private static URI start() {
        try {
            int port = Ports.free();
            // What it stores, and what it does not clean up, too.
            Path directory = Files.createTempDirectory(
                    Files.createDirectories(Path.of("target").toAbsolutePath()), "s3mock");
            Path log = directory.resolve("log");
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Djava.io.tmpdir=" + directory,
                            "-jar",
                            jar(),
                            "--server.port=0",
                            "--com.adobe.testing.s3mock.httpPort=" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS", BUCKET);
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            await(process, port, log);
            return URI.create("http://127.0.0.1:" + port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jar() {
        return Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(path -> path.matches(".*/s3mock-[0-9.]+-exec\\.jar"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("s3mock is not on the class path"));
    }

    private static void await(Process process, int port, Path log) throws IOException {
        long end = System.nanoTime() + START.toNanos();
        while (!accepts(port)) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new AssertionError("s3mock does not start: " + Files.readString(log));
            }
            try {
                boolean _ = process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
