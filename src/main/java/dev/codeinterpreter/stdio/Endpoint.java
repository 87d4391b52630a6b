package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** Where messages go, and with which headers. */
final class Endpoint {
    private static final String CLAIM = "io.modelcontextprotocol/protocolVersion";

    private final URI url;
    private final Optional<String> key;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    /** What {@code initialize} brought. */
    private volatile Optional<String> version = Optional.empty();

    private volatile Optional<String> session = Optional.empty();

    Endpoint(URI url, Optional<String> key) {
        this.url = url;
        this.key = key;
    }

    URI url() {
        return url;
    }

    HttpClient client() {
        return client;
    }

    /** From now on the connection is one of this revision. */
    void opened(Optional<String> agreedVersion, Optional<String> newSession) {
        version = agreedVersion;
        session = newSession;
    }

    HttpRequest.Builder request(String line, JsonObject message) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(line));
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        JsonObject params = object(message, "params");
        Optional<String> claim = text(object(params, "_meta"), CLAIM);
        if (claim.isPresent()) {
            request.header("MCP-Protocol-Version", header(claim.get()));
            text(message, "method").ifPresent(method -> request.header("Mcp-Method", header(method)));
            text(params, message.getString("method", "").equals("resources/read") ? "uri" : "name")
                    .ifPresent(name -> request.header("Mcp-Name", header(name)));
        } else {
            version.ifPresent(value -> request.header("MCP-Protocol-Version", header(value)));
            session.ifPresent(value -> request.header("Mcp-Session-Id", value));
        }
        return request;
    }

    static Optional<String> text(JsonObject object, String name) {
        return object.get(name) instanceof JsonString text ? Optional.of(text.getString()) : Optional.empty();
    }

    static JsonObject object(JsonObject object, String name) {
        return object.get(name) instanceof JsonObject member ? member : JsonValue.EMPTY_JSON_OBJECT;
    }

    /** As it is, or as base64 where a header could not hold it. */
    private static String header(String value) {
        boolean plain = value.chars().allMatch(c -> c >= 0x20 && c <= 0x7E)
                && value.equals(value.strip())
                && !value.startsWith("=?base64?");
        return plain ? value : "=?base64?" + Base64.getEncoder().encodeToString(value.getBytes(UTF_8)) + "?=";
    }
}
