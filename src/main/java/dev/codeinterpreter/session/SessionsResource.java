package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.execution.Cancellation;
import dev.codeinterpreter.execution.ClientWatch;
import dev.codeinterpreter.execution.ExecutionRequest;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.Received;
import dev.codeinterpreter.wire.RequestBodies;
import io.helidon.webserver.http.ServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * Begins sessions:
 *
 * <pre>curl -s localhost:8000/v1/sessions -H 'Content-Type: application/json' -d '{"ttl_seconds": 600}'</pre>
 */
@Path("/v1/sessions")
@SingleInstance
@Produces(MediaType.APPLICATION_JSON)
public class SessionsResource {
    private static final int DEFAULT_TTL = 900;
    static final Bounds TTL = Bounds.between(1, 86_400);

    private final SessionLifecycle lifecycle;
    private final RequestBodies bodies;
    private final ClientWatch clients;

    @Inject
    SessionsResource(SessionLifecycle lifecycle, RequestBodies bodies, ClientWatch clients) {
        this.lifecycle = lifecycle;
        this.bodies = bodies;
        this.clients = clients;
    }

    @POST
    public Response create(@Context HttpHeaders headers, @Context ServerRequest server, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (Received<Wish> wish = bodies.read(headers::getHeaderString, entity, Wish::of);
                ClientWatch.Watch _ = clients.watch(server.localPeer(), server.remotePeer(), cancellation)) {
            Session session =
                    lifecycle.create(wish.content().files(), wish.content().timeToLive(), cancellation);
            return Response.status(Response.Status.CREATED)
                    .entity(SessionResponse.of(session))
                    .build();
        }
    }

    private record Wish(List<ExecutionRequest.FileReference> files, Duration timeToLive) {
        static Wish of(Fields fields) {
            List<ExecutionRequest.FileReference> files = ExecutionRequest.FileReference.listIn(fields);
            int ttl = fields.integer("ttl_seconds", DEFAULT_TTL, TTL);
            fields.verify();
            return new Wish(files, Duration.ofSeconds(ttl));
        }
    }
}
