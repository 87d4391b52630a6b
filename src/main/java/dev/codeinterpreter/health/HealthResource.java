package dev.codeinterpreter.health;

import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendSelection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** {@code GET /health} answers 200 as long as the service lives, whatever the backend does; {@code GET /ready} does not. */
@Path("/")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {
    private final HealthChecker checker;
    private final BackendSelection selection;
    private final ServiceVersion version;

    @Inject
    HealthResource(HealthChecker checker, BackendSelection selection) {
        this.checker = checker;
        this.selection = selection;
        this.version = ServiceVersion.current();
    }

    @GET
    @Path("health")
    public HealthResponse health() {
        return response(checker.last());
    }

    @GET
    @Path("ready")
    public Response ready() {
        BackendHealth health = checker.fresh();
        return Response.status(health.isOk() ? 200 : 503)
                .entity(response(health))
                .build();
    }

    private HealthResponse response(BackendHealth health) {
        return new HealthResponse(
                health.isOk() ? "ok" : "error",
                health.problem().orElse(null),
                version.text(),
                selection.name(),
                selection.backend().isolatesNetwork());
    }
}
