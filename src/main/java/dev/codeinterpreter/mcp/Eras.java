package dev.codeinterpreter.mcp;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Message;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.wire.RequestBodies;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells from a message and its request's headers in which revision it is, and checks what that revision asks for. Nothing is
 * remembered between requests.
 */
final class Eras {
    static final String VERSION_HEADER = "MCP-Protocol-Version";
    private static final String METHOD_HEADER = "Mcp-Method";
    private static final String NAME_HEADER = "Mcp-Name";

    /** Which parameter {@code Mcp-Name} repeats. */
    private static final Map<String, String> NAMED =
            Map.of("tools/call", "name", "prompts/get", "name", "resources/read", "uri");

    private Eras() {}

    /**
     * The revision in which a single message is to be answered.
     *
     * @throws RpcException when the answer is status 400
     */
    static Protocol of(Message message, RequestBodies.Headers headers) {
        Optional<String> version = header(headers, VERSION_HEADER);
        if (message.isClaiming()) {
            checkModern(message, version, headers);
            return Protocol.V2026_07_28;
        }
        if (message.method().equals("initialize")) {
            // The header is what the client hopes for; the body decides.
            return Protocol.V2025_11_25;
        }
        if (version.isEmpty()) {
            return Protocol.V2025_03_26;
        }
        Optional<Protocol> legacy = Protocol.legacy(version.get());
        if (legacy.isPresent()) {
            return legacy.get();
        }
        if (version.get().equals(Protocol.V2026_07_28.version())) {
            throw message.isResponse()
                    ? new RpcException(RpcException.INVALID_REQUEST, "Invalid message: responses are not accepted")
                    : RpcException.invalidParams("params._meta lacks io.modelcontextprotocol/protocolVersion");
        }
        throw Protocol.isLaterThanLegacy(version.get())
                ? unsupported(version.get())
                : new RpcException(
                        RpcException.INVALID_REQUEST,
                        "%s '%s' is not supported".formatted(VERSION_HEADER, Printable.cut(version.get())));
    }

    private static void checkModern(Message message, Optional<String> version, RequestBodies.Headers headers) {
        String claim = message.claim()
                .orElseThrow(() ->
                        RpcException.invalidParams("io.modelcontextprotocol/protocolVersion must be a short string"));
        if (version.isPresent() && !version.get().equals(claim)) {
            throw mismatch(VERSION_HEADER, version.get(), claim);
        }
        if (!claim.equals(Protocol.V2026_07_28.version())) {
            throw unsupported(claim);
        }
        if (!message.hasCapabilities()) {
            throw RpcException.invalidParams(
                    "params._meta lacks io.modelcontextprotocol/clientCapabilities, an object that may be empty");
        }
        if (version.isEmpty()) {
            throw missing(VERSION_HEADER);
        }
        String method = header(headers, METHOD_HEADER).orElseThrow(() -> missing(METHOD_HEADER));
        if (!method.equals(message.method())) {
            throw mismatch(METHOD_HEADER, method, message.method());
        }
        checkName(message, headers);
    }

    private static void checkName(Message message, RequestBodies.Headers headers) {
        @Nullable String parameter = NAMED.get(message.method());
        if (parameter == null || !message.params().has(parameter)) {
            return;
        }
        String sent = header(headers, NAME_HEADER).orElseThrow(() -> missing(NAME_HEADER));
        String name = HeaderText.decode(sent)
                .orElseThrow(() -> new RpcException(
                        RpcException.HEADER_MISMATCH, NAME_HEADER + " header is neither ASCII nor base64 of UTF-8"));
        String body = message.params().string(parameter).orElse("");
        if (!name.equals(body)) {
            throw mismatch(NAME_HEADER, name, body);
        }
    }

    private static Optional<String> header(RequestBodies.Headers headers, String name) {
        return Optional.ofNullable(headers.value(name)).map(String::strip);
    }

    private static RpcException missing(String header) {
        return new RpcException(RpcException.HEADER_MISMATCH, header + " header is missing");
    }

    private static RpcException mismatch(String header, String value, String body) {
        return new RpcException(
                RpcException.HEADER_MISMATCH,
                "%s header '%s' does not match '%s'".formatted(header, Printable.cut(value), Printable.cut(body)));
    }

    private static RpcException unsupported(String requested) {
        return new RpcException(
                RpcException.UNSUPPORTED_VERSION,
                "Unsupported protocol version",
                Json.createObjectBuilder()
                        .add("supported", Json.createArrayBuilder().add(Protocol.V2026_07_28.version()))
                        .add("requested", Printable.cut(requested))
                        .build());
    }
}
