package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.StringReader;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the service said.
 *
 * @param headers by name in lower case
 */
public record Answer(int status, Map<String, List<String>> headers, String body) {

    static Answer of(HttpResponse<String> response) {
        return new Answer(response.statusCode(), response.headers().map(), response.body());
    }

    /** The only value of a header, or nothing. */
    public Optional<String> header(String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new AssertionError("several headers %s: %s".formatted(name, values));
        }
        return values.stream().findFirst();
    }

    public JsonObject json() {
        return parse(body).asJsonObject();
    }

    /** The member {@code detail}, when it is a sentence. */
    public String detail() {
        return json().getString("detail");
    }

    /** The member {@code code} of an error. */
    public String code() {
        return json().getString("code");
    }

    /** The body as the result of a program. */
    public Result result() {
        if (status != 200) {
            throw new AssertionError("no result but " + this);
        }
        return new Result(json());
    }

    /** Compact, members in the order in which they were sent. */
    public String compact() {
        return parse(body).toString();
    }

    /** Any JSON text in the form of {@link #compact()}. */
    public static String compact(String json) {
        return parse(json).toString();
    }

    private static JsonStructure parse(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.read();
        } catch (RuntimeException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
