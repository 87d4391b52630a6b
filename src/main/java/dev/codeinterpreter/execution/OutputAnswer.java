package dev.codeinterpreter.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.wire.Overflow;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The answer of a run with its output, written piece by piece: an output of control characters is six times as long in
 * JSON, and as one string it would be in the heap several times over.
 */
public final class OutputAnswer {
    private final CapturedOutput output;
    private final ProgramExit exit;
    private final JsonObject rest;

    private OutputAnswer(CapturedOutput output, ProgramExit exit, JsonObject rest) {
        this.output = output;
        this.exit = exit;
        this.rest = rest;
    }

    /**
     * Runs something and keeps its output. What is given has to be written, which also ends it.
     *
     * @param limit of each stream (MAX_OUTPUT_BYTES)
     * @param spool where the output goes meanwhile
     * @param rest adds what else the answer holds
     */
    public static OutputAnswer of(
            int limit,
            Supplier<Overflow> spool,
            Function<OutputSink, ExecutionResult> run,
            Function<ResultJson, ResultJson> rest) {
        CapturedOutput output = new CapturedOutput(limit, spool.get(), spool.get());
        try {
            ExecutionResult result = run.apply(output);
            return new OutputAnswer(
                    output, result.exit(), rest.apply(new ResultJson(result)).build());
        } catch (RuntimeException e) {
            output.close();
            throw e;
        }
    }

    /** Writes stdout, stderr and the rest as one JSON object; once. */
    public void writeTo(OutputStream target) throws IOException {
        try (output) {
            Writer json = new BufferedWriter(new OutputStreamWriter(target, UTF_8));
            json.write("{\"stdout\":");
            output.writeStdout(json, exit.stdoutTruncated());
            json.write(",\"stderr\":");
            output.writeStderr(json, exit.stderrTruncated());
            for (Map.Entry<String, JsonValue> member : rest.entrySet()) {
                json.write(",\"" + member.getKey() + "\":");
                write(member.getValue(), json);
            }
            json.write('}');
            json.flush();
        }
    }

    /** Elements one by one: the lists of files are the long ones. */
    private static void write(JsonValue value, Writer json) throws IOException {
        if (!(value instanceof JsonArray array)) {
            json.write(value.toString());
            return;
        }
        String separator = "[";
        for (JsonValue element : array) {
            json.write(separator + element);
            separator = ",";
        }
        json.write(array.isEmpty() ? "[]" : "]");
    }
}
