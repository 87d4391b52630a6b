package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request to run something.
 *
 * @param files ids by path
 */
public record Program(
        String code, @Nullable String stdin, int timeoutMs, boolean interactive, Map<String, String> files) {
    private static final int TIMEOUT_MS = 10_000;

    /** With time enough for a busy machine. */
    public static Program of(String code) {
        return new Program(code, null, TIMEOUT_MS, true, Map.of());
    }

    public Program stdin(String text) {
        return new Program(code, text, timeoutMs, interactive, files);
    }

    public Program timeoutMs(int timeout) {
        return new Program(code, stdin, timeout, interactive, files);
    }

    public Program interactive(boolean lastLine) {
        return new Program(code, stdin, timeoutMs, lastLine, files);
    }

    public Program file(String path, String id) {
        Map<String, String> more = new TreeMap<>(files);
        more.put(path, id);
        return new Program(code, stdin, timeoutMs, interactive, more);
    }

    public JsonObject toJson() {
        JsonArrayBuilder references = Json.createArrayBuilder();
        files.forEach((path, id) ->
                references.add(Json.createObjectBuilder().add("path", path).add("file_id", id)));
        JsonObjectBuilder request = Json.createObjectBuilder()
                .add("code", code)
                .add("timeout_ms", timeoutMs)
                .add("last_line_interactive", interactive)
                .add("files", references);
        if (stdin != null) {
            request.add("stdin", stdin);
        }
        return request.build();
    }
}
