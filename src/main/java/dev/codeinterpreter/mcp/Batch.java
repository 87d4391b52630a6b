package dev.codeinterpreter.mcp;

import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.Message;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.wire.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A body that is an array of messages, which revision 2025-03-26 alone has. */
final class Batch {
    private static final int MAX_MESSAGES = 20;

    private Batch() {}

    /**
     * A member that is no message is answered by itself, and the others are read; what must not be in a batch refuses it whole.
     *
     * @param version the header MCP-Protocol-Version; null when it was not sent
     * @param reader of each message, in that revision
     */
    static MessageReader.Inbound read(Node.Arr batch, @Nullable String version, Function<Message, Step> reader) {
        if (version != null && !version.strip().equals(Protocol.V2025_03_26.version())) {
            return refused("a batch is accepted in revision 2025-03-26 only");
        }
        if (batch.values().isEmpty() || batch.values().size() > MAX_MESSAGES) {
            return refused("a batch has 1 to %d messages".formatted(MAX_MESSAGES));
        }
        List<Step> steps = new ArrayList<>();
        for (Node node : batch.values()) {
            try {
                Message message = Message.of(node);
                if (message.method().equals("initialize") || message.isClaiming()) {
                    return refused("initialize and messages of revision 2026-07-28 stand alone");
                }
                steps.add(reader.apply(message));
            } catch (RpcException e) {
                steps.add(new Step.Reply(400, Envelope.error(Message.idOf(node), e)));
            }
        }
        return new MessageReader.Inbound(false, List.copyOf(steps));
    }

    private static MessageReader.Inbound refused(String why) {
        RpcException error = new RpcException(RpcException.INVALID_REQUEST, "Invalid message: " + why);
        return new MessageReader.Inbound(true, List.of(new Step.Reply(400, Envelope.error(Optional.empty(), error))));
    }
}
