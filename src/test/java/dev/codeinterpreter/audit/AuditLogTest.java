package dev.codeinterpreter.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.tenant.RequestNotes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AuditLogTest {
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    private Path directory;

    @Test
    void writesALineForWhatIsWorthOne() throws IOException {
        Path file = directory.resolve("audit.log");
        AuditLog log = started(new RotatedFile(file, 1 << 20, 2));
        RequestNotes run = new RequestNotes(true);
        run.operation("execute");
        run.code("ab", 7);
        run.exit("signaled", OptionalInt.of(137), Duration.ofMillis(12));
        log.record(run, "10.0.0.1", 200);
        log.record(new RequestNotes(true), "10.0.0.2", 401);
        log.record(new RequestNotes(true), "10.0.0.3", 404);
        log.stop(new Object());
        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .first()
                .asString()
                .contains(
                        "\"operation\":\"execute\",\"code_sha256\":\"ab\",\"code_bytes\":7,\"status\":200,\"outcome\":\"signaled\","
                                + "\"exit_code\":137,\"duration_ms\":12");
        assertThat(log.lost()).isZero();
    }

    @Test
    void rotatesBySizeAndKeepsWholeLines() throws IOException {
        Path file = directory.resolve("audit.log");
        try (RotatedFile sink = new RotatedFile(file, 100, 2)) {
            for (int i = 0; i < 40; i++) {
                sink.write("line %02d of ten\n".formatted(i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        assertThat(directory.toFile().list()).hasSize(3);
        assertThat(Files.readAllLines(directory.resolve("audit.log.2")))
                .allMatch(line -> line.matches("line \\d\\d of ten"));
        assertThat(Files.size(directory.resolve("audit.log.1"))).isLessThanOrEqualTo(100);
        assertThat(Files.readAllLines(file)).last().isEqualTo("line 39 of ten");
    }

    /** As a full disk does: /dev/full takes nothing. */
    @Test
    void losesLinesOnAFullDiskAndCountsThem() {
        AuditLog log = started(new RotatedFile(Path.of("/dev/full"), 1 << 20, 2));
        for (int i = 0; i < 100; i++) {
            log.record(new RequestNotes(true), "10.0.0.1", 403);
        }
        Await.until("lost lines", BOUND, () -> log.lost() == 100);
        log.stop(new Object());
    }

    @Test
    void losesLinesWhereThereIsNoDirectoryAndGoesOnWhenThereIs() throws IOException {
        Path file = directory.resolve("later/audit.log");
        AuditLog log = started(new RotatedFile(file, 1 << 20, 2));
        log.record(new RequestNotes(true), "10.0.0.1", 403);
        Await.until("a lost line", BOUND, () -> log.lost() == 1);
        Files.createDirectory(directory.resolve("later"));
        log.record(new RequestNotes(true), "10.0.0.1", 403);
        log.stop(new Object());
        assertThat(Files.readAllLines(file)).hasSize(1);
    }

    private static AuditLog started(AuditSink sink) {
        AuditLog log = new AuditLog(true, sink, Clock.systemUTC(), Duration.ofSeconds(5));
        log.start(new Object());
        return log;
    }
}
