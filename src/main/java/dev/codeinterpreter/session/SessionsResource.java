package dev.codeinterpreter.session;

import dev.codeinterpreter.execution.ExecutionRequest;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.RequestBodies;
import dev.codeinterpreter.wire.RequestBody;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * Begins, prolongs and ends sessions:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'
 * curl -s localhost:8000/v1/sessions/$ID
 * curl -s localhost:8000/v1/sessions/$ID/keepalive -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'
 * curl -X DELETE localhost:8000/v1/sessions/$ID
 * </pre>
 */
@Path("/v1/sessions")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
public class SessionsResource {
    private static final int DEFAULT_TTL = 900;
    private static final Bounds TTL = Bounds.between(1, 86_400);

    private final SessionLifecycle lifecycle;
    private final SessionCalls calls;
    private final SessionLinks links;
    private final RequestBodies bodies;

    @Inject
    SessionsResource(SessionLifecycle lifecycle, SessionCalls calls, SessionLinks links, RequestBodies bodies) {
        this.lifecycle = lifecycle;
        this.calls = calls;
        this.links = links;
        this.bodies = bodies;
    }

    @POST
    public Response create(@Context HttpHeaders headers, InputStream entity) {
        try (RequestBody body = bodies.read(headers::getHeaderString, entity)) {
            Fields fields = body.fields();
            List<ExecutionRequest.FileReference> files = ExecutionRequest.FileReference.listIn(fields);
            int ttl = fields.integer("ttl_seconds", DEFAULT_TTL, TTL);
            fields.verify();
            Session session = lifecycle.create(files, Duration.ofSeconds(ttl));
            return Response.status(Response.Status.CREATED)
                    .entity(SessionResponse.of(session))
                    .build();
        }
    }

    @GET
    @Path("{session_id}")
    public SessionResponse get(@PathParam("session_id") String session) {
        return SessionResponse.of(session, calls.expiry(session));
    }

    @POST
    @Path("{session_id}/keepalive")
    public SessionResponse keepAlive(
            @PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        try (RequestBody body = bodies.read(headers::getHeaderString, entity)) {
            Fields fields = body.fields();
            int ttl = fields.requiredInteger("ttl_seconds", TTL);
            fields.verify();
            return SessionResponse.of(session, calls.keepAlive(session, Duration.ofSeconds(ttl)));
        }
    }

    @DELETE
    @Path("{session_id}")
    public Response delete(@PathParam("session_id") String session) {
        links.remove(session);
        return Response.noContent().build();
    }
}
