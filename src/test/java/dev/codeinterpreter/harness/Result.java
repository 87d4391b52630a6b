package dev.codeinterpreter.harness;

import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** A program's result as {@code POST /v1/execute} gives it. */
public record Result(JsonObject json) {

    public String stdout() {
        return json.getString("stdout");
    }

    public String stderr() {
        return json.getString("stderr");
    }

    public OptionalInt exitCode() {
        return json.get("exit_code") instanceof JsonNumber code
                ? OptionalInt.of(code.intValueExact())
                : OptionalInt.empty();
    }

    /** Whether it ended by itself with this status. */
    public boolean exited(int status) {
        return exitCode().equals(OptionalInt.of(status)) && !timedOut();
    }

    public boolean timedOut() {
        return json.getBoolean("timed_out");
    }

    public String termination() {
        return json.getString("termination");
    }

    public int durationMs() {
        return json.getInt("duration_ms");
    }

    public boolean stdoutTruncated() {
        return json.getJsonObject("truncated").getBoolean("stdout");
    }

    public boolean stderrTruncated() {
        return json.getJsonObject("truncated").getBoolean("stderr");
    }

    /** Ids by path. */
    public Map<String, String> files() {
        return strings("files", "file_id");
    }

    /** The id of a file that must be there. */
    public String file(String path) {
        String id = files().get(path);
        if (id == null) {
            throw new AssertionError("no file %s in %s".formatted(path, this));
        }
        return id;
    }

    /** What was shown. */
    public List<JsonObject> results() {
        return json.getJsonArray("results").getValuesAs(JsonObject.class);
    }

    /** Reasons by path. */
    public Map<String, String> skipped() {
        return strings("skipped_files", "reason");
    }

    private Map<String, String> strings(String list, String value) {
        Map<String, String> byPath = new TreeMap<>();
        for (JsonValue entry : json.getJsonArray(list)) {
            JsonObject object = entry.asJsonObject();
            if (byPath.put(object.getString("path"), object.getString(value)) != null) {
                throw new AssertionError("twice in " + list + ": " + object);
            }
        }
        return byPath;
    }

    @Override
    public String toString() {
        String text = json.toString();
        return text.length() <= 4000 ? text : text.substring(0, 4000) + "...";
    }
}
