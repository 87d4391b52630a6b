package dev.codeinterpreter.mcp;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.inject.Inject;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Model Context Protocol over HTTP:
 *
 * <pre>
 * curl -s localhost:8000/mcp -H 'Content-Type: application/json' -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
 * </pre>
 */
@Path(McpResource.PATH)
@SingleInstance
public class McpResource {
    static final String PATH = "mcp";

    private static final String SESSION = "Mcp-Session-Id";
    private static final int MAX_SESSION_LENGTH = 128;

    private final SecureRandom random = new SecureRandom();
    private final RequestBodies bodies;
    private final MessageReader reader;
    private final Calls calls;
    private final BatchCalls batches;
    private final Deadlines deadlines;

    @Inject
    McpResource(RequestBodies bodies, MessageReader reader, Calls calls, BatchCalls batches, Deadlines deadlines) {
        this.bodies = bodies;
        this.reader = reader;
        this.calls = calls;
        this.batches = batches;
        this.deadlines = deadlines;
    }

    @POST
    @Access(value = Need.CREDENTIAL, audited = "mcp")
    public Response post(@Context HttpHeaders headers, InputStream entity) {
        requireJson(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
        Accept accept = Accept.of(headers.getHeaderString(HttpHeaders.ACCEPT));
        if (!accept.json() && !accept.events()) {
            throw new NotAcceptableException();
        }
        Cancellation cancellation = new Cancellation();
        McpRequest request = new McpRequest(
                Caller.current(),
                Optional.ofNullable(headers.getHeaderString(SESSION))
                        .filter(session -> session.length() <= MAX_SESSION_LENGTH),
                accept,
                cancellation,
                ClientWatch.begin(cancellation::cancel));
        ParsedBody<MessageReader.Inbound> body = null;
        boolean passedOn = false;
        try {
            body = bodies.tree(
                    headers::getHeaderString,
                    entity,
                    root -> reader.read(root, headers::getHeaderString),
                    cancellation);
            if (progressOf(body.content(), accept).isPresent()) {
                passedOn = true;
                return stream(request, body);
            }
            return body.content().single()
                    ? single(request, body.content().steps().getFirst())
                    : batch(request, body.content().steps());
        } catch (SchemaException e) {
            return McpResponses.unreadable();
        } catch (ServiceException e) {
            if (e.code() != ErrorCode.MALFORMED_BODY) {
                throw e;
            }
            return McpResponses.unreadable();
        } finally {
            if (!passedOn) {
                request.watch().close();
                if (body != null) {
                    body.close();
                }
            }
        }
    }

    private static void requireJson(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        // Without a type it is JSON here as everywhere, unless a browser sent it.
        if (!type.isEmpty() && !type.toLowerCase(Locale.ROOT).equals(MediaType.APPLICATION_JSON)) {
            throw new ServiceException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type '%s' is not application/json".formatted(Printable.cut(type)));
        }
    }

    /** The token of a call that may be answered by a stream. */
    private static Optional<String> progressOf(MessageReader.Inbound inbound, Accept accept) {
        return inbound.single() && accept.events() && inbound.steps().getFirst() instanceof Step.Work work
                ? work.progressToken()
                : Optional.empty();
    }

    private Response single(McpRequest request, Step step) {
        return switch (step) {
            case Step.Reply reply ->
                McpResponses.answer(
                        reply.status(), reply.message(), reply.status() == 200 ? request.accept() : Accept.of(null));
            case Step.Opening opening -> {
                byte[] session = new byte[16];
                random.nextBytes(session);
                yield Response.fromResponse(McpResponses.answer(Content.of(opening.json()), request.accept()))
                        .header(SESSION, HexFormat.of().formatHex(session))
                        .build();
            }
            case Step.Nothing _ -> McpResponses.nothing();
            case Step.Cancel cancel -> {
                calls.cancel(request, cancel);
                yield McpResponses.nothing();
            }
            case Step.Listen listen -> McpResponses.events(String.join("", listenEvents(listen)));
            case Step.Work work -> {
                try {
                    yield McpResponses.answer(calls.perform(request, work), request.accept());
                } catch (ClientGoneException e) {
                    // Also when a notification cancelled it: there is no answer then.
                    yield McpResponses.nothing();
                }
            }
        };
    }

    private static List<String> listenEvents(Step.Listen listen) {
        List<String> events = new ArrayList<>();
        for (String message : Envelope.subscription(listen.id())) {
            events.add(MessageStream.event(message));
        }
        return events;
    }

    private Response batch(McpRequest request, List<Step> steps) {
        try {
            return batches.perform(request, steps)
                    .map(answers -> McpResponses.answer(answers, request.accept()))
                    .orElseGet(McpResponses::nothing);
        } catch (ClientGoneException e) {
            return McpResponses.nothing();
        }
    }

    private Response stream(McpRequest request, ParsedBody<MessageReader.Inbound> body) {
        Step.Work work = (Step.Work) body.content().steps().getFirst();
        MessageStream stream = new MessageStream(work.progressToken().orElseThrow(), request.cancellation(), deadlines);
        request.watch().probeWith(stream.progress()::probe);
        try {
            return stream.answer(
                    () -> {
                        try (body) {
                            return calls.perform(request, work, stream.progress()::output);
                        } finally {
                            request.watch().close();
                        }
                    },
                    message -> McpResponses.answer(message, request.accept()));
        } catch (ClientGoneException e) {
            return McpResponses.nothing();
        }
    }
}
