package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.wire.Node;
import java.util.Optional;

/**
 * One JSON-RPC message whose form is right.
 *
 * @param id as JSON; empty for a notification and a response
 * @param method empty for a response
 * @param meta the member {@code _meta} of its parameters
 */
public record Message(Optional<String> id, String method, Params params, Params meta) {
    private static final String CLAIM = "io.modelcontextprotocol/protocolVersion";
    private static final String CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

    /** @throws RpcException INVALID_REQUEST */
    public static Message of(Node node) {
        if (!(node instanceof Node.Obj object)) {
            throw invalid("a message is an object");
        }
        Params members = new Params(object.byName());
        if (!members.string("jsonrpc").equals(Optional.of("2.0"))) {
            throw invalid("jsonrpc must be \"2.0\"");
        }
        if (!members.has("method") && (members.has("result") || members.has("error"))) {
            return new Message(Optional.empty(), "", Params.NONE, Params.NONE);
        }
        String method = members.string("method").orElseThrow(() -> invalid("method must be a string"));
        if (members.has("id") && members.id("id").isEmpty()) {
            throw invalid("id must be an integer or a string of at most 1024 characters");
        }
        if (members.has("params") && members.object("params").isEmpty()) {
            throw invalid("params must be an object");
        }
        Params params = members.object("params").orElse(Params.NONE);
        return new Message(
                members.id("id"), method, params, params.object("_meta").orElse(Params.NONE));
    }

    /** The id of what is no message otherwise, for its error. */
    public static Optional<String> idOf(Node node) {
        return node instanceof Node.Obj object ? new Params(object.byName()).id("id") : Optional.empty();
    }

    public boolean isResponse() {
        return method.isEmpty();
    }

    public boolean isNotification() {
        return !isResponse() && id.isEmpty();
    }

    /** Whether it says by itself in which revision it is. */
    public boolean isClaiming() {
        return meta.has(CLAIM);
    }

    public Optional<String> claim() {
        return meta.string(CLAIM);
    }

    public boolean hasCapabilities() {
        return meta.object(CAPABILITIES).isPresent();
    }

    /** Under which progress is to be reported, as JSON. */
    public Optional<String> progressToken() {
        return meta.id("progressToken");
    }

    private static RpcException invalid(String why) {
        return new RpcException(RpcException.INVALID_REQUEST, "Invalid message: " + why);
    }
}
