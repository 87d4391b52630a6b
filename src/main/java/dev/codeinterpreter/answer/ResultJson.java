package dev.codeinterpreter.answer;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.runner.ProgramExit;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.Locale;

/**
 * What clients read of a run that has ended, besides its output. Each endpoint takes the parts that its answer has; all but the output,
 * the outcome and the files are ours, and clients of the reference ignore them.
 */
public final class ResultJson {
    private final RunResult result;
    private final ProgramExit exit;
    private final JsonObjectBuilder json = Json.createObjectBuilder();
    private boolean withFiles;

    public ResultJson(RunResult result) {
        this.result = result;
        this.exit = result.exit();
    }

    /** exit_code, timed_out, duration_ms. */
    public ResultJson outcome() {
        json.add(
                "exit_code",
                exit.exitCode().isPresent() ? Json.createValue(exit.exitCode().getAsInt()) : JsonValue.NULL);
        json.add("timed_out", exit.timedOut());
        json.add("duration_ms", exit.wallTime().toMillis());
        return this;
    }

    /** files; {@link #details} then names those that are not returned, too. */
    public ResultJson files() {
        JsonArrayBuilder files = Json.createArrayBuilder();
        result.files()
                .forEach(file -> files.add(Json.createObjectBuilder()
                        .add("path", file.path())
                        .add("kind", "file")
                        .add("file_id", file.id().toString())));
        json.add("files", files);
        withFiles = true;
        return this;
    }

    /** truncated, termination, skipped_files, usage. */
    public ResultJson details() {
        json.add(
                "truncated",
                Json.createObjectBuilder().add("stdout", exit.stdoutTruncated()).add("stderr", exit.stderrTruncated()));
        json.add("termination", exit.termination().name().toLowerCase(Locale.ROOT));
        if (withFiles) {
            JsonArrayBuilder skipped = Json.createArrayBuilder();
            result.skipped()
                    .forEach(file -> skipped.add(
                            Json.createObjectBuilder().add("path", file.path()).add("reason", file.reason())));
            json.add("skipped_files", skipped);
        }
        json.add(
                "usage",
                Json.createObjectBuilder()
                        .add("cpu_ms", exit.cpuTime().toMillis())
                        .add("peak_memory_bytes", exit.peakMemory()));
        return this;
    }

    /** state_lost: whether names of earlier commands are gone. */
    public ResultJson stateLost() {
        json.add("state_lost", exit.stateLost());
        return this;
    }

    public JsonObject build() {
        return json.build();
    }
}
