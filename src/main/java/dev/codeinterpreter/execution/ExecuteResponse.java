package dev.codeinterpreter.execution;

import dev.codeinterpreter.runner.ProgramExit;
import jakarta.json.bind.annotation.JsonbNillable;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The answer of {@code POST /v1/execute}. The last four fields are ours; clients of the reference ignore them. */
@JsonbPropertyOrder({
    "stdout",
    "stderr",
    "exitCode",
    "timedOut",
    "durationMs",
    "files",
    "truncated",
    "termination",
    "skippedFiles",
    "usage"
})
public record ExecuteResponse(
        String stdout,
        String stderr,
        @JsonbNillable @JsonbProperty("exit_code") @Nullable Integer exitCode,
        @JsonbProperty("timed_out") boolean timedOut,
        @JsonbProperty("duration_ms") long durationMs,
        List<File> files,
        Truncated truncated,
        String termination,
        @JsonbProperty("skipped_files") List<SkippedFile> skippedFiles,
        Usage usage) {

    @JsonbPropertyOrder({"path", "kind", "fileId"})
    public record File(
            String path,
            String kind,
            @JsonbProperty("file_id") String fileId) {}

    @JsonbPropertyOrder({"path", "reason"})
    public record SkippedFile(String path, String reason) {}

    @JsonbPropertyOrder({"stdout", "stderr"})
    public record Truncated(boolean stdout, boolean stderr) {}

    @JsonbPropertyOrder({"cpuMs", "peakMemoryBytes"})
    public record Usage(
            @JsonbProperty("cpu_ms") long cpuMs,
            @JsonbProperty("peak_memory_bytes") long peakMemoryBytes) {}

    static ExecuteResponse of(ExecutionResult result, CapturedOutput output) {
        ProgramExit exit = result.exit();
        return new ExecuteResponse(
                output.stdoutText(exit.stdoutTruncated()),
                output.stderrText(exit.stderrTruncated()),
                exit.exitCode().isPresent() ? exit.exitCode().getAsInt() : null,
                exit.timedOut(),
                exit.wallTime().toMillis(),
                result.files().stream()
                        .map(file -> new File(file.path(), "file", file.id().toString()))
                        .toList(),
                new Truncated(exit.stdoutTruncated(), exit.stderrTruncated()),
                exit.termination().name().toLowerCase(Locale.ROOT),
                result.skipped().stream()
                        .map(file -> new SkippedFile(file.path(), file.reason()))
                        .toList(),
                new Usage(exit.cpuTime().toMillis(), exit.peakMemory()));
    }
}
