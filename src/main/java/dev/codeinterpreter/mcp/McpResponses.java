package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.RpcException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.Optional;

/** How messages are sent: as JSON, or as events to a client that reads nothing else. */
final class McpResponses {
    private McpResponses() {}

    static Response nothing() {
        return Response.accepted().build();
    }

    static Response unreadable() {
        RpcException error = new RpcException(RpcException.PARSE_ERROR, "The body is not JSON in UTF-8");
        return answer(400, Content.of(Envelope.error(Optional.empty(), error)), Accept.of(null));
    }

    /** A message that is there, as JSON or, for a client that reads nothing else, as the one event of a stream. */
    static Response answer(Content message, Accept accept) {
        return answer(200, message, accept);
    }

    static Response answer(int status, Content message, Accept accept) {
        StreamingOutput body = target -> {
            try (message) {
                if (!accept.json()) {
                    target.write("event: message\ndata: ".getBytes(UTF_8));
                }
                message.writeTo(target);
                if (!accept.json()) {
                    target.write("\n\n".getBytes(UTF_8));
                }
            }
        };
        return accept.json()
                ? Response.status(status)
                        .entity(body)
                        .type(MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.CONTENT_LENGTH, message.length())
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .build()
                : events(body);
    }

    static Response events(Object body) {
        return Response.ok(body)
                .header(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("X-Accel-Buffering", "no")
                .build();
    }
}
