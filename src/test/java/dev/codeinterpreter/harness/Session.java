package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.TreeMap;

/**
 * A session as a client sees it; closing it ends it, if it still lives.
 *
 * @param path below which everything about it is
 */
public record Session(Api api, String id, String path) implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    public Session(Api api, String id) {
        this(api, id, "/v1/sessions/" + id);
    }

    public static Session begin(Api api) {
        return begin(api, "{}");
    }

    public static Session begin(Api api, String json) {
        Answer answer = api.post("/v1/sessions", json);
        if (answer.status() != 201) {
            throw new AssertionError("no session: " + answer);
        }
        return new Session(api, answer.json().getString("session_id"));
    }

    /** The same session, asked through another service. */
    public Session through(Api other) {
        return new Session(other, id);
    }

    public Result bash(String command) {
        return tryBash(command, TIMEOUT_MS).result();
    }

    public Answer tryBash(String command, int timeoutMs) {
        return api.post(path + "/bash", bashBody(command, timeoutMs));
    }

    public EventReader streamBash(String command) {
        return api.stream(path + "/bash/stream", bashBody(command, TIMEOUT_MS));
    }

    public static String bashBody(String command, int timeoutMs) {
        return Json.createObjectBuilder()
                .add("cmd", command)
                .add("timeout_ms", timeoutMs)
                .build()
                .toString();
    }

    public Result python(String code) {
        return python(Program.of(code));
    }

    public Result python(Program program) {
        return tryPython(program).result();
    }

    public Answer tryPython(Program program) {
        return api.post(path + "/python", program.toJson().toString());
    }

    public EventReader streamPython(Program program) {
        return api.stream(path + "/python/stream", program.toJson().toString());
    }

    public Answer get() {
        return api.get(path);
    }

    public Answer keepAlive(int seconds) {
        return api.post(path + "/keepalive", "{\"ttl_seconds\":%d}".formatted(seconds));
    }

    public Answer end() {
        return api.delete(path);
    }

    /** Sizes by path. */
    public Map<String, Integer> files() {
        Answer answer = api.get(path + "/files");
        if (answer.status() != 200) {
            throw new AssertionError("no list: " + answer);
        }
        Map<String, Integer> sizes = new TreeMap<>();
        for (JsonObject file : answer.json().getJsonArray("files").getValuesAs(JsonObject.class)) {
            if (sizes.put(file.getString("path"), file.getInt("size_bytes")) != null) {
                throw new AssertionError("twice in the list: " + file);
            }
        }
        return sizes;
    }

    /** @param encoded as it stands in a URL */
    public Answer read(String encoded) {
        return api.get(path + "/files/" + encoded);
    }

    public Answer write(String encoded, byte[] content) {
        return api.send(
                "POST",
                path + "/files/" + encoded,
                Map.of("Content-Type", "application/octet-stream"),
                BodyPublishers.ofByteArray(content));
    }

    /** What sleeps in the session, by its command lines; there is more, and an answer holds only so much. */
    public String sleepers() {
        return bash("for p in /proc/[0-9]*/cmdline; do [ $p = /proc/1/cmdline ] || tr '\\0' ' ' < $p; echo; done 2> /dev/null | grep -a sleep")
                .stdout();
    }

    @Override
    public void close() {
        Answer answer = end();
        if (answer.status() != 204 && answer.status() != 404) {
            throw new AssertionError("not ended: " + answer);
        }
    }
}
