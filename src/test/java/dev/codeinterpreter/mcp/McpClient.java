package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.mcp.message.Protocol;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;

/**
 * A client of one revision that sends what that asks for, and believes nothing of the answers.
 *
 * @param credentials headers of each request
 */
record McpClient(Api api, Protocol protocol, Map<String, String> credentials) {
    private static final String META = """
            {"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";

    McpClient(Api api, Protocol protocol) {
        this(api, protocol, Map.of());
    }

    /** The answer to a request, whatever it is. */
    Answer send(String method, JsonObject params) {
        return send("1", method, params, Map.of());
    }

    Answer send(String id, String method, JsonObject params, Map<String, String> more) {
        Map<String, String> headers = new HashMap<>(headers(method, params));
        headers.putAll(more);
        return api.send("POST", "/mcp", headers, body(id, method, params));
    }

    Map<String, String> headers(String method, JsonObject params) {
        Map<String, String> headers = new HashMap<>(credentials);
        headers.put("Content-Type", "application/json");
        headers.put("Accept", "application/json, text/event-stream");
        headers.put("MCP-Protocol-Version", protocol.version());
        if (protocol.isModern()) {
            headers.put("Mcp-Method", method);
            String name = params.getString("name", params.getString("uri", ""));
            if (!name.isEmpty()) {
                headers.put("Mcp-Name", name);
            }
        }
        return headers;
    }

    String body(String id, String method, JsonObject params) {
        JsonObjectBuilder all = Json.createObjectBuilder(params);
        if (protocol.isModern()) {
            JsonObjectBuilder meta = Json.createObjectBuilder(parse(META));
            if (params.containsKey("_meta")) {
                meta.addAll(Json.createObjectBuilder(params.getJsonObject("_meta")));
            }
            all.add("_meta", meta);
        }
        return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"%s\",\"params\":%s}".formatted(id, method, all.build());
    }

    /** The result of a request that has one. */
    JsonObject result(String method, JsonObject params) {
        Answer answer = send(method, params);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonObject result = answer.json().getJsonObject("result");
        assertThat(result).as(answer.body()).isNotNull();
        assertThat(result.containsKey("resultType")).isEqualTo(protocol.isModern());
        return result;
    }

    /** The result of a tool, with arguments in which ' stands for ". */
    JsonObject call(String tool, String arguments) {
        return result(
                "tools/call",
                parse("{'name':'%s','arguments':%s}".formatted(tool, arguments).replace('\'', '"')));
    }

    /** The first text of a result that is no error, as JSON. */
    JsonObject answer(String tool, String arguments) {
        JsonObject result = call(tool, arguments);
        assertThat(result.getBoolean("isError")).as(result.toString()).isFalse();
        JsonObject answer = parse(text(result));
        if (result.containsKey("structuredContent")) {
            assertThat(result.getJsonObject("structuredContent")).isEqualTo(answer);
        }
        return answer;
    }

    /** The sentence of a result that is an error. */
    String failure(String tool, String arguments) {
        JsonObject result = call(tool, arguments);
        assertThat(result.getBoolean("isError")).as(result.toString()).isTrue();
        assertThat(result.containsKey("structuredContent")).isFalse();
        return text(result);
    }

    static String text(JsonObject result) {
        return result.getJsonArray("content").getJsonObject(0).getString("text");
    }

    static JsonObject parse(String json) {
        return Json.createReader(new StringReader(json)).readObject();
    }
}
