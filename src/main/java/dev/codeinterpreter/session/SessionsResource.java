package dev.codeinterpreter.session;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * Sessions, created, extended and deleted:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'
 * curl -s localhost:8000/v1/sessions/$ID
 * curl -s localhost:8000/v1/sessions/$ID/keepalive -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'
 * curl -X DELETE localhost:8000/v1/sessions/$ID
 * </pre>
 */
@Path("/v1/sessions")
@SingleInstance
public class SessionsResource {
    private static final int DEFAULT_TTL = 900;
    private static final Bounds TTL = Bounds.between(1, 86_400);

    private final SessionLifecycle lifecycle;
    private final SessionCalls calls;
    private final RequestBodies bodies;

    @Inject
    SessionsResource(SessionLifecycle lifecycle, SessionCalls calls, RequestBodies bodies) {
        this.lifecycle = lifecycle;
        this.calls = calls;
        this.bodies = bodies;
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_create")
    public Response create(@Context HttpHeaders headers, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch watch = ClientWatch.begin(cancellation::cancel);
                ParsedBody<CreateRequest> request =
                        bodies.read(headers::getHeaderString, entity, CreateRequest::of, cancellation)) {
            SandboxSummary session = lifecycle.create(
                    Operation.SESSION_CREATE,
                    request.content().files(),
                    request.content().timeToLive(),
                    cancellation);
            // Of a client that leaves now nobody would ever learn the id.
            watch.settle();
            cancellation.throwIfCancelled();
            return answer(Response.Status.CREATED, SessionResponse.of(session));
        }
    }

    @GET
    @Access(value = Need.SESSIONS, audited = "session_get")
    @Path("{session_id}")
    public Response get(@PathParam("session_id") String session) {
        return answer(Response.Status.OK, SessionResponse.of(session, calls.expiry(session)));
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_keepalive")
    @Path("{session_id}/keepalive")
    public Response keepAlive(
            @PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch _ = ClientWatch.begin(cancellation::cancel);
                ParsedBody<Duration> timeToLive =
                        bodies.read(headers::getHeaderString, entity, SessionsResource::timeToLive, cancellation)) {
            return answer(
                    Response.Status.OK,
                    SessionResponse.of(session, calls.keepAlive(session, timeToLive.content(), cancellation)));
        }
    }

    /** JSON, whatever the client says that it accepts. */
    private static Response answer(Response.Status status, SessionResponse session) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(session)
                .build();
    }

    private static Duration timeToLive(Fields fields) {
        int ttl = fields.requiredInteger("ttl_seconds", TTL);
        fields.verify();
        return Duration.ofSeconds(ttl);
    }

    @DELETE
    @Access(value = Need.SESSIONS, audited = "session_delete")
    @Path("{session_id}")
    public Response delete(@PathParam("session_id") String session) {
        calls.remove(session);
        return Response.noContent().build();
    }

    private record CreateRequest(List<RunRequest.FileReference> files, Duration timeToLive) {
        static CreateRequest of(Fields fields) {
            List<RunRequest.FileReference> files = RunRequest.FileReference.listIn(fields);
            int ttl = fields.integer("ttl_seconds", DEFAULT_TTL, TTL);
            fields.verify();
            return new CreateRequest(files, Duration.ofSeconds(ttl));
        }
    }
}
