package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
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

/**
 * One session, prolonged and ended:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions/$ID
 * curl -s localhost:8000/v1/sessions/$ID/keepalive -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'
 * curl -X DELETE localhost:8000/v1/sessions/$ID
 * </pre>
 */
@Path("/v1/sessions/{session_id}")
@SingleInstance
@Produces(MediaType.APPLICATION_JSON)
public class SessionResource {
    private final SessionCalls calls;
    private final SessionLinks links;
    private final RequestBodies bodies;

    @Inject
    SessionResource(SessionCalls calls, SessionLinks links, RequestBodies bodies) {
        this.calls = calls;
        this.links = links;
        this.bodies = bodies;
    }

    @GET
    public SessionResponse get(@PathParam("session_id") String session) {
        return SessionResponse.of(session, calls.expiry(session));
    }

    @POST
    @Path("keepalive")
    public SessionResponse keepAlive(
            @PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch _ = ClientWatch.begin(cancellation::cancel);
                ParsedBody<Duration> timeToLive =
                        bodies.read(headers::getHeaderString, entity, SessionResource::timeToLive, cancellation)) {
            return SessionResponse.of(session, calls.keepAlive(session, timeToLive.content()));
        }
    }

    private static Duration timeToLive(Fields fields) {
        int ttl = fields.requiredInteger("ttl_seconds", SessionsResource.TTL);
        fields.verify();
        return Duration.ofSeconds(ttl);
    }

    @DELETE
    public Response delete(@PathParam("session_id") String session) {
        links.remove(session);
        return Response.noContent().build();
    }
}
