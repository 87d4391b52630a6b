package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.spool.SpillBuffer;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The answer of a run with its output, written piece by piece: an output of control characters is six times as long in
 * JSON, and as one string it would be in the heap several times over.
 */
public final class BufferedAnswer {
    private static final int WRITER_CHARACTERS = 2048;
    private static final byte[] RESULTS = ",\"results\":".getBytes(UTF_8);

    private final CapturedOutput output;
    private final ProgramExit exit;
    private final SpillBuffer rest;
    /** What the program has shown, if the answer says so. */
    private final Optional<ShownResults> results;

    private BufferedAnswer(CapturedOutput output, ProgramExit exit, SpillBuffer rest, Optional<ShownResults> results) {
        this.output = output;
        this.exit = exit;
        this.rest = rest;
        this.results = results;
    }

    /**
     * Runs something and keeps its output. What is given has to be written, which also ends it.
     *
     * @param limit of each stream (MAX_OUTPUT_BYTES)
     * @param spool where the output goes meanwhile
     * @param results whether the answer has what the program shows
     * @param rest adds what else the answer holds
     * @throws ServiceException STORAGE_FULL when there is no room for the rest, a list of many long paths
     */
    public static BufferedAnswer of(
            int limit,
            Supplier<SpillBuffer> spool,
            boolean results,
            Function<OutputSink, RunResult> run,
            Function<ResultJson, ResultJson> rest) {
        ShownResults shown = new ShownResults(spool);
        CapturedOutput output = new CapturedOutput(limit, spool.get(), spool.get(), shown);
        try {
            RunResult result = run.apply(output);
            shown.finish();
            SpillBuffer written = write(rest.apply(new ResultJson(result)).build(), spool, shown);
            return new BufferedAnswer(output, result.exit(), written, results ? Optional.of(shown) : Optional.empty());
        } catch (RuntimeException e) {
            output.close();
            throw e;
        }
    }

    /** Writes stdout, stderr and the rest as one JSON object; once. */
    public void writeTo(OutputStream target) throws IOException {
        try (output;
                rest;
                InputStream members = rest.open()) {
            Writer json = new BufferedWriter(new OutputStreamWriter(target, UTF_8), WRITER_CHARACTERS);
            json.write("{\"stdout\":");
            output.writeStdout(json, exit.stdoutTruncated());
            json.write(",\"stderr\":");
            output.writeStderr(json, exit.stderrTruncated());
            json.flush();
            members.transferTo(target);
            if (results.isPresent()) {
                target.write(RESULTS);
                results.get().writeTo(target);
            }
            target.write('}');
            target.flush();
        }
    }

    /** What was shown gives way to the rest of the answer. */
    private static SpillBuffer write(JsonObject members, Supplier<SpillBuffer> spool, ShownResults shown) {
        try {
            return write(members, spool.get());
        } catch (ServiceException e) {
            shown.discard();
            return write(members, spool.get());
        }
    }

    private static SpillBuffer write(JsonObject members, SpillBuffer target) {
        try {
            writeMembers(members, target);
            return target;
        } catch (RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private static void writeMembers(JsonObject members, SpillBuffer target) {
        for (Map.Entry<String, JsonValue> member : members.entrySet()) {
            write(",\"" + member.getKey() + "\":", target);
            write(member.getValue(), target);
        }
    }

    /** Elements one by one: the lists of files are the long ones. */
    private static void write(JsonValue value, SpillBuffer target) {
        if (!(value instanceof JsonArray array)) {
            write(value.toString(), target);
            return;
        }
        String separator = "[";
        for (JsonValue element : array) {
            write(separator + element, target);
            separator = ",";
        }
        write(array.isEmpty() ? "[]" : "]", target);
    }

    private static void write(String json, SpillBuffer target) {
        target.write(json.getBytes(UTF_8));
    }
}
