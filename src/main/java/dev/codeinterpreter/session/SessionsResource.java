package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.execution.ExecutionRequest;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
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

    @Inject
    SessionsResource(SessionLifecycle lifecycle, RequestBodies bodies) {
        this.lifecycle = lifecycle;
        this.bodies = bodies;
    }

    @POST
    public Response create(@Context HttpHeaders headers, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch watch = ClientWatch.begin(cancellation::cancel);
                ParsedBody<CreateRequest> wish =
                        bodies.read(headers::getHeaderString, entity, CreateRequest::of, cancellation)) {
            Session session =
                    lifecycle.create(wish.content().files(), wish.content().timeToLive(), cancellation);
            // Of a client that leaves now nobody would ever learn the id.
            watch.settle();
            cancellation.throwIfCancelled();
            return Response.status(Response.Status.CREATED)
                    .entity(SessionResponse.of(session))
                    .build();
        }
    }

    private record CreateRequest(List<ExecutionRequest.FileReference> files, Duration timeToLive) {
        static CreateRequest of(Fields fields) {
            List<ExecutionRequest.FileReference> files = ExecutionRequest.FileReference.listIn(fields);
            int ttl = fields.integer("ttl_seconds", DEFAULT_TTL, TTL);
            fields.verify();
            return new CreateRequest(files, Duration.ofSeconds(ttl));
        }
    }
}
