package dev.codeinterpreter.files.shared;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three processes on one directory; one of them is killed in the middle. SHARED_TEST_DIR names a directory such as a mount. */
class SharedProcessesTest {
    private static final int FILES = 150;
    private static final int BEFORE_THE_KILL = 60;

    @TempDir
    Path temporary;

    @Test
    @Timeout(180)
    void loseNothingThatWasStored() throws Exception {
        Path base = System.getenv("SHARED_TEST_DIR") == null
                ? temporary
                : Files.createTempDirectory(Path.of(System.getenv("SHARED_TEST_DIR")), "shared");
        Path directory = base.resolve("store");
        List<Process> workers = new ArrayList<>();
        List<Path> outputs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            outputs.add(temporary.resolve("worker" + i));
            workers.add(start(directory, i, outputs.get(i)));
        }
        Process victim = workers.getFirst();
        while (victim.isAlive() && Files.readAllLines(outputs.getFirst()).size() < BEFORE_THE_KILL) {
            boolean _ = victim.waitFor(10, TimeUnit.MILLISECONDS);
        }
        assertThat(victim.isAlive()).isTrue();
        assertThat(victim.destroyForcibly().waitFor()).isNotZero();
        for (Process other : workers.subList(1, 3)) {
            assertThat(other.waitFor()).as(Files.readString(outputs.get(1))).isZero();
        }

        Set<String> stored = new HashSet<>();
        Set<String> doubtful = new HashSet<>();
        Set<String> deleted = new HashSet<>();
        for (Path output : outputs) {
            // The last line of the one that was killed may be cut.
            String text = Files.readString(output, UTF_8);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
                assertThat(line).doesNotStartWith("!");
                if (!line.isEmpty()) {
                    (line.startsWith("+") ? stored : line.startsWith("-") ? deleted : doubtful).add(line.substring(2));
                }
            }
        }
        assertThat(stored).hasSizeGreaterThan(2 * FILES);
        try (FileStore store = SharedWorker.open(directory)) {
            List<StoredFile> files = store.list(Owner.DEFAULT, 10_000);
            Set<String> present = new HashSet<>();
            for (StoredFile file : files) {
                present.add(file.id().toString());
                StoredContent content = store.open(Owner.DEFAULT, file.id()).orElseThrow();
                content.writeTo(OutputStream.nullOutputStream());
            }
            assertThat(present).doesNotContainAnyElementsOf(deleted);
            Set<String> certain = new HashSet<>(stored);
            certain.removeAll(doubtful);
            assertThat(present).containsAll(certain);
            int _ = store.reap();
            assertThat(store.fileCount()).isEqualTo(files.size());
            assertThat(store.storedBytes()).isEqualTo(bytesBelow(directory.resolve("files")));
            assertThat(directory.resolve("outgoing")).isEmptyDirectory();
        }
    }

    private static Process start(Path directory, int seed, Path output) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SharedWorker.class.getName(),
                        directory.toString(),
                        Integer.toString(seed),
                        Integer.toString(FILES))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(output.toFile())
                .start();
    }

    private static long bytesBelow(Path directory) throws IOException {
        long bytes = 0;
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(path);
            }
        }
        return bytes;
    }
}
