package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.Message;
import dev.codeinterpreter.mcp.message.Params;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.tool.Resources;
import dev.codeinterpreter.mcp.tool.ToolCatalog;
import dev.codeinterpreter.wire.Node;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** From a body to what is to be done. Nothing is done yet: a body is read while other bodies wait for the parser. */
@SingleInstance
class MessageReader {
    private static final String CAPABILITIES = "\"capabilities\":{\"tools\":{},\"resources\":{}}";
    /** An hour, for what is the same as long as the process lives. */
    private static final String FIXED = ",\"ttlMs\":3600000,\"cacheScope\":\"public\"";

    private final ToolCatalog tools;
    private final Resources resources;

    @Inject
    MessageReader(ToolCatalog tools, Resources resources) {
        this.tools = tools;
        this.resources = resources;
    }

    /** What a body asks for; {@code single} is whether it is no batch. */
    record Inbound(boolean single, List<Step> steps) {}

    Inbound read(Node root, RequestBodies.Headers headers) {
        return root instanceof Node.Arr batch
                ? Batch.read(batch, headers.value(Eras.VERSION_HEADER), message -> step(message, Protocol.V2025_03_26))
                : new Inbound(true, List.of(step(root, headers)));
    }

    private Step step(Node node, RequestBodies.Headers headers) {
        try {
            Message message = Message.of(node);
            return step(message, Eras.of(message, headers));
        } catch (RpcException e) {
            return new Step.Reply(400, Envelope.error(Message.idOf(node), e));
        }
    }

    private Step step(Message message, Protocol protocol) {
        if (message.isResponse()) {
            return new Step.Nothing();
        }
        if (message.isNotification()) {
            return message.method().equals("notifications/cancelled") && !protocol.isModern()
                    ? message.params()
                            .id("requestId")
                            .<Step>map(Step.Cancel::new)
                            .orElseGet(Step.Nothing::new)
                    : new Step.Nothing();
        }
        String id = message.id().orElseThrow();
        try {
            return protocol.isModern() ? modern(id, message) : legacy(id, message, protocol);
        } catch (RpcException e) {
            int status = protocol.isModern() && e.code() == RpcException.METHOD_NOT_FOUND ? 404 : 200;
            return new Step.Reply(status, Envelope.error(Optional.of(id), e));
        }
    }

    private Step legacy(String id, Message message, Protocol protocol) {
        return switch (message.method()) {
            case "initialize" -> new Step.Opening(Envelope.result(id, protocol, opening(message.params())));
            case "ping" -> new Step.Reply(200, Envelope.result(id, protocol, ""));
            default -> common(id, message, protocol);
        };
    }

    private Step modern(String id, Message message) {
        Protocol protocol = Protocol.V2026_07_28;
        return switch (message.method()) {
            case "server/discover" ->
                new Step.Reply(
                        200,
                        Envelope.result(
                                id,
                                protocol,
                                "\"supportedVersions\":[\"%s\"],%s,\"instructions\":%s%s"
                                        .formatted(protocol.version(), CAPABILITIES, tools.instructions(), FIXED)));
            case "subscriptions/listen" -> {
                if (message.params().has("notifications")
                        && message.params().object("notifications").isEmpty()) {
                    throw RpcException.invalidParams("params.notifications must be an object");
                }
                yield new Step.Listen(id);
            }
            default -> common(id, message, protocol);
        };
    }

    private Step common(String id, Message message, Protocol protocol) {
        Params params = message.params();
        return switch (message.method()) {
            case "tools/list" -> onePage(id, params, protocol, "\"tools\":", tools.list());
            case "tools/call" -> {
                ToolCatalog.Prepared prepared = tools.prepare(params);
                Optional<String> token = prepared.reportsProgress() ? message.progressToken() : Optional.empty();
                yield new Step.Work(id, protocol, token, prepared.task());
            }
            case "resources/list" ->
                new Step.Work(
                        id, protocol, Optional.empty(), resources.list(params.has("cursor"), params.string("cursor")));
            case "resources/templates/list" ->
                onePage(id, params, protocol, "\"resourceTemplates\":", Resources.TEMPLATES.getBytes(UTF_8));
            case "resources/read" ->
                new Step.Work(
                        id,
                        protocol,
                        Optional.empty(),
                        resources.read(params.string("uri")
                                .orElseThrow(() -> RpcException.invalidParams("params.uri must be a string"))));
            default ->
                throw new RpcException(
                        RpcException.METHOD_NOT_FOUND, "Method not found: " + Printable.cut(message.method()));
        };
    }

    private static Step onePage(String id, Params params, Protocol protocol, String name, byte[] list) {
        if (params.has("cursor")) {
            throw RpcException.invalidParams("Unknown cursor: there is one page");
        }
        String end = (protocol.isModern() ? FIXED : "") + Envelope.end(protocol, false);
        return new Step.Reply(200, Content.around(Envelope.begin(id, protocol) + name, list, end));
    }

    private String opening(Params params) {
        Protocol agreed =
                params.string("protocolVersion").flatMap(Protocol::legacy).orElse(Protocol.V2025_11_25);
        JsonObject server = Envelope.server()
                .add("description", "Runs Python and bash in isolated sandboxes")
                .build();
        return "\"protocolVersion\":\"%s\",%s,\"serverInfo\":%s,\"instructions\":%s"
                .formatted(agreed.version(), CAPABILITIES, server, tools.instructions());
    }
}
