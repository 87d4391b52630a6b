package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Authenticator;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.ContentList;
import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.Limits;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.tool.ToolCalls;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
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
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
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
    private final Performer performer;
    private final RunningCalls running;
    private final Deadlines deadlines;
    private final Authenticator authenticator;

    @Inject
    McpResource(
            RequestBodies bodies,
            MessageReader reader,
            Performer performer,
            RunningCalls running,
            Deadlines deadlines,
            Authenticator authenticator) {
        this.bodies = bodies;
        this.reader = reader;
        this.performer = performer;
        this.running = running;
        this.deadlines = deadlines;
        this.authenticator = authenticator;
    }

    /** What is known of a request beside its messages. */
    private record Request(
            Caller caller, Optional<String> session, Accept accept, Cancellation cancellation, ClientWatch watch) {}

    @POST
    @Access(value = Need.CREDENTIAL, audited = "mcp")
    public Response post(@Context HttpHeaders headers, InputStream entity) {
        requireJson(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
        Accept accept = Accept.of(headers.getHeaderString(HttpHeaders.ACCEPT));
        if (!accept.json() && !accept.events()) {
            throw new NotAcceptableException();
        }
        Cancellation cancellation = new Cancellation();
        Request request = new Request(
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
            return unreadable();
        } catch (ServiceException e) {
            if (e.code() != ErrorCode.MALFORMED_BODY) {
                throw e;
            }
            return unreadable();
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

    private Response single(Request request, Step step) {
        return switch (step) {
            case Step.Reply reply ->
                answer(reply.status(), reply.message(), reply.status() == 200 ? request.accept() : Accept.of(null));
            case Step.Opening opening -> {
                byte[] session = new byte[16];
                random.nextBytes(session);
                yield Response.fromResponse(answer(Content.of(opening.json()), request.accept()))
                        .header(SESSION, HexFormat.of().formatHex(session))
                        .build();
            }
            case Step.Nothing _ -> nothing();
            case Step.Cancel cancel -> {
                cancel(request, cancel);
                yield nothing();
            }
            case Step.Listen listen -> events(String.join("", listenEvents(listen)));
            case Step.Work work -> {
                try {
                    yield answer(perform(request, work, McpResource::ignore), request.accept());
                } catch (ClientGoneException e) {
                    // Also when a notification cancelled it: there is no answer then.
                    yield nothing();
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

    /** One after the other, and all answers together; one that is cancelled has none. */
    private Response batch(Request request, List<Step> steps) {
        List<Content> answers = new ArrayList<>();
        boolean first = true;
        try {
            for (Step step : steps) {
                switch (step) {
                    case Step.Reply reply -> answers.add(reply.message());
                    case Step.Cancel cancel -> cancel(request, cancel);
                    case Step.Work work -> {
                        Optional<RpcException> refusal = refusal(request, answers, first);
                        first = false;
                        part(request, work, refusal).ifPresent(answers::add);
                    }
                    case Step.Nothing _ -> {}
                    case Step.Opening _, Step.Listen _ -> throw new IllegalStateException("not part of a batch");
                }
            }
        } catch (ClientGoneException e) {
            answers.forEach(Content::close);
            return nothing();
        } catch (RuntimeException e) {
            answers.forEach(Content::close);
            throw e;
        }
        return answers.isEmpty() ? nothing() : answer(new ContentList(answers), request.accept());
    }

    /** What else would make a batch more than as many requests. */
    private Optional<RpcException> refusal(Request request, List<Content> answers, boolean first) {
        if (answers.stream().mapToLong(Content::length).sum() > Limits.DEFAULT.batchBytes()) {
            return Optional.of(new RpcException(
                    RpcException.INTERNAL_ERROR,
                    "The answers of this batch have more than %d bytes already. Nothing was done; send this request by itself"
                            .formatted(Limits.DEFAULT.batchBytes())));
        }
        return first
                ? Optional.empty()
                : authenticator
                        .takeMore(request.caller())
                        .map(wait -> new RpcException(
                                RpcException.INTERNAL_ERROR,
                                "The tenant's requests of this minute are used up (requests_per_minute). Nothing was done; try again in %d seconds"
                                        .formatted(ToolCalls.seconds(wait))));
    }

    /** Empty when the client has cancelled it. */
    private Optional<Content> part(Request request, Step.Work work, Optional<RpcException> refusal) {
        Cancellation own = new Cancellation();
        request.cancellation().onCancel(own::cancel);
        Request part = new Request(request.caller(), request.session(), request.accept(), own, request.watch());
        Step.Work asked = refusal.isEmpty()
                ? work
                : new Step.Work(work.id(), work.protocol(), Optional.empty(), _ -> {
                    RequestNotes.current().outcome("refused");
                    throw refusal.get();
                });
        try {
            return Optional.of(RequestNotes.current().part().get(() -> perform(part, asked, McpResource::ignore)));
        } catch (ClientGoneException e) {
            request.cancellation().throwIfCancelled();
            return Optional.empty();
        }
    }

    private Response stream(Request request, ParsedBody<MessageReader.Inbound> body) {
        Step.Work work = (Step.Work) body.content().steps().getFirst();
        MessageStream stream = new MessageStream(work.progressToken().orElseThrow(), request.cancellation(), deadlines);
        request.watch().probeWith(stream.progress()::probe);
        try {
            return stream.answer(
                    () -> {
                        try (body) {
                            return perform(request, work, stream.progress()::output);
                        } finally {
                            request.watch().close();
                        }
                    },
                    message -> answer(message, request.accept()));
        } catch (ClientGoneException e) {
            return nothing();
        }
    }

    private Content perform(Request request, Step.Work work, Consumer<byte[]> output) {
        Call call =
                new Call(request.caller(), work.protocol(), request.cancellation(), request.watch()::settle, output);
        if (work.protocol().isModern() || request.session().isEmpty()) {
            return performer.perform(work, call);
        }
        RunningCalls.Key key =
                new RunningCalls.Key(request.caller(), request.session().get(), work.id());
        try (RunningCalls.Entry _ = running.add(key, request.cancellation())) {
            return performer.perform(work, call);
        }
    }

    private static void ignore(byte[] output) {}

    private void cancel(Request request, Step.Cancel cancel) {
        request.session()
                .ifPresent(
                        session -> running.cancel(new RunningCalls.Key(request.caller(), session, cancel.request())));
    }

    private static Response nothing() {
        return Response.accepted().build();
    }

    private static Response unreadable() {
        RpcException error = new RpcException(RpcException.PARSE_ERROR, "The body is not JSON in UTF-8");
        return answer(400, Content.of(Envelope.error(Optional.empty(), error)), Accept.of(null));
    }

    /** A message that is there, as JSON or, for a client that reads nothing else, as the one event of a stream. */
    private static Response answer(Content message, Accept accept) {
        return answer(200, message, accept);
    }

    private static Response answer(int status, Content message, Accept accept) {
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

    private static Response events(Object body) {
        return Response.ok(body)
                .header(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("X-Accel-Buffering", "no")
                .build();
    }
}
