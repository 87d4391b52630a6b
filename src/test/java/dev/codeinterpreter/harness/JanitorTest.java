package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM of tests that is killed leaves neither processes nor files. */
@Timeout(120)
class JanitorTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** What is killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Path directory = Path.of(arguments[0]);
            Janitor.watchDirectory(directory);
            Files.writeString(directory.resolve("file"), "content");
            Process process = new ProcessBuilder("sh", "-c", "sleep 600; exit", directory.toString()).start();
            System.out.println(process.pid());
            Thread.sleep(Duration.ofMinutes(10)); // until it is killed
        }
    }

    @Test
    void clearsAwayWhatAKilledJvmHasStarted(@TempDir Path top) throws IOException, InterruptedException {
        Path directory = Files.createDirectory(top.resolve("started"));
        Process victim = new ProcessBuilder(
                        StartCache.java().toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        directory.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        long started;
        try (BufferedReader output = victim.inputReader(UTF_8)) {
            started = Long.parseLong(output.readLine());
            assertThat(ProcessHandle.of(started)).isPresent();
        } finally {
            victim.destroyForcibly().waitFor();
        }
        Await.until("no directory of it", BOUND, () -> Files.notExists(directory));
        Await.until("no process of it", BOUND, () -> ProcessHandle.of(started).isEmpty());
    }
}
