package dev.codeinterpreter.execution;

import dev.codeinterpreter.execution.ExecuteResponse.File;
import dev.codeinterpreter.execution.ExecuteResponse.SkippedFile;
import dev.codeinterpreter.execution.ExecuteResponse.Truncated;
import dev.codeinterpreter.execution.ExecuteResponse.Usage;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data of the event that ends a stream: the answer of {@code POST /v1/execute} without the output, which is sent. */
@JsonbPropertyOrder({"exitCode", "timedOut", "durationMs", "files", "truncated", "termination", "skippedFiles", "usage"
})
public record StreamResult(
        @JsonbProperty("exit_code") @Nullable Integer exitCode,
        @JsonbProperty("timed_out") boolean timedOut,
        @JsonbProperty("duration_ms") long durationMs,
        List<File> files,
        Truncated truncated,
        String termination,
        @JsonbProperty("skipped_files") List<SkippedFile> skippedFiles,
        Usage usage) {

    static StreamResult of(ExecutionResult result) {
        ExecuteResponse whole = ExecuteResponse.of(result, new CapturedOutput(CapturedOutput.LEAST_LIMIT));
        return new StreamResult(
                whole.exitCode(),
                whole.timedOut(),
                whole.durationMs(),
                whole.files(),
                whole.truncated(),
                whole.termination(),
                whole.skippedFiles(),
                whole.usage());
    }
}
