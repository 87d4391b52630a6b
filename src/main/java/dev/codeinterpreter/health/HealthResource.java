package dev.codeinterpreter.health;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Keys;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServiceVersion;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendSelection;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * {@code GET /health} answers 200 whatever the backend does, so that it can serve as a liveness probe: a restart of the
 * service mends no engine. {@code GET /ready} is 503 while nothing can be run.
 */
@Path("/")
@SingleInstance
public class HealthResource {
    private final HealthChecker checker;
    private final BackendSelection selection;
    private final Keys keys;
    private final ServiceVersion version;

    @Inject
    HealthResource(HealthChecker checker, BackendSelection selection, Keys keys) {
        this.checker = checker;
        this.selection = selection;
        this.keys = keys;
        this.version = ServiceVersion.current();
    }

    @GET
    @Access(Need.OPEN)
    @Path("health")
    public Response health() {
        return response(checker.isStuck() ? 503 : 200, checker.last());
    }

    @GET
    @Access(Need.OPEN)
    @Path("ready")
    public Response ready() {
        BackendHealth backend = checker.fresh();
        BackendHealth health =
                backend.isOk() ? keys.problem().map(BackendHealth::failing).orElse(backend) : backend;
        return response(health.isOk() ? 200 : 503, health);
    }

    /** JSON, whatever the client says that it accepts. */
    private Response response(int status, BackendHealth health) {
        HealthResponse body = new HealthResponse(
                health.isOk() ? "ok" : "error",
                health.problem().orElse(null),
                version.text(),
                selection.name(),
                selection.backend().traits().networkIsolation());
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body)
                .build();
    }
}
