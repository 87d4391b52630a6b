package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.config.ServiceVersion;
import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.Optional;

/** What stands around the content of every message of ours. */
public final class Envelope {
    private static final JsonObject SERVER = server().build();

    private static final String META = "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" + SERVER + "}";

    private Envelope() {}

    /** What we are. */
    public static JsonObjectBuilder server() {
        return Json.createObjectBuilder()
                .add("name", "code-interpreter")
                .add("title", "Code Interpreter")
                .add("version", ServiceVersion.current().text());
    }

    /** @param members of {@code result}, without braces */
    public static String result(String id, Protocol protocol, String members) {
        return begin(id, protocol) + members + end(protocol, members.isEmpty());
    }

    /** What comes before the members of {@code result}. */
    public static String begin(String id, Protocol protocol) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{"
                + (protocol.isModern() ? "\"resultType\":\"complete\"," : "");
    }

    /** What comes behind them. */
    public static String end(Protocol protocol, boolean empty) {
        return protocol.isModern() ? (empty ? "" : ",") + META + "}}" : "}}";
    }

    /** @param id as JSON; empty when none could be read */
    public static String error(Optional<String> id, RpcException error) {
        JsonObjectBuilder content =
                Json.createObjectBuilder().add("code", error.code()).add("message", String.valueOf(error.getMessage()));
        if (!error.data().isEmpty()) {
            content.add("data", error.data());
        }
        return "{\"jsonrpc\":\"2.0\"," + id.map(text -> "\"id\":" + text + ",").orElse("") + "\"error\":"
                + content.build() + "}";
    }

    /** What answers a subscription to nothing: the word that it is accepted, and its end. */
    public static String[] subscription(String id) {
        String key = "\"io.modelcontextprotocol/subscriptionId\":" + id;
        return new String[] {
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":{" + key
                    + "},\"notifications\":{}}}",
            "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"resultType\":\"complete\",\"_meta\":{" + key
                    + ",\"io.modelcontextprotocol/serverInfo\":" + SERVER + "}}}"
        };
    }

    public static String progress(String token, long milliseconds, String message) {
        JsonObjectBuilder params = Json.createObjectBuilder().add("progress", milliseconds);
        if (!message.isEmpty()) {
            params.add("message", message);
        }
        String members = params.build().toString();
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token + ","
                + members.substring(1) + "}";
    }
}
