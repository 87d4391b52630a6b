package dev.codeinterpreter.error;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonValue;
import jakarta.ws.rs.RedirectionException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.Objects;

/**
 * The one place where a failure becomes an answer: always JSON with {@code detail}, whatever the client said it accepts,
 * and never a word about our insides.
 */
@Provider
@ApplicationScoped
public class ErrorMapper implements ExceptionMapper<Throwable> {
    private static final System.Logger LOG = System.getLogger(ErrorMapper.class.getName());

    private final ErrorConfig config;

    @Inject
    ErrorMapper(ErrorConfig config) {
        this.config = config;
    }

    @Override
    public Response toResponse(Throwable failure) {
        return switch (failure) {
            case ServiceException e -> service(e);
            case SchemaException e -> answer(422, details(e));
            case RedirectionException e -> e.getResponse();
            case WebApplicationException e -> framework(e.getResponse());
            default -> ClientGone.causedBy(failure) ? clientGone(failure) : unexpected(failure);
        };
    }

    private Response service(ServiceException failure) {
        if (failure.code() == ErrorCode.INTERNAL) {
            return unexpected(failure);
        }
        if (failure.code().status() >= 500) {
            LOG.log(System.Logger.Level.WARNING, failure.getMessage(), failure.getCause());
        }
        Response.ResponseBuilder response = builder(
                failure.code().status(), Json.createValue(Objects.requireNonNullElse(failure.getMessage(), "")));
        config.retryAfter(failure.code())
                .ifPresent(delay -> response.header(HttpHeaders.RETRY_AFTER, delay.toSeconds()));
        return response.build();
    }

    /** What JAX-RS refuses by itself: unknown paths, wrong methods, headers that do not parse. */
    private static Response framework(Response refusal) {
        Response.StatusType status = refusal.getStatusInfo();
        Response.ResponseBuilder response = builder(status.getStatusCode(), Json.createValue(status.getReasonPhrase()));
        Object allow = refusal.getHeaders().getFirst(HttpHeaders.ALLOW);
        if (allow != null) {
            response.header(HttpHeaders.ALLOW, allow);
        }
        return response.build();
    }

    private static Response clientGone(Throwable failure) {
        LOG.log(System.Logger.Level.DEBUG, "client went away: {0}", failure);
        return answer(400, Json.createValue("The request ended early"));
    }

    private static Response unexpected(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, "request failed", failure);
        return answer(500, Json.createValue("Internal Server Error"));
    }

    private static JsonValue details(SchemaException failure) {
        JsonArrayBuilder details = Json.createArrayBuilder();
        failure.errors().forEach(error -> details.add(error.toJson()));
        return details.build();
    }

    private static Response answer(int status, JsonValue detail) {
        return builder(status, detail).build();
    }

    private static Response.ResponseBuilder builder(int status, JsonValue detail) {
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(ErrorBody.of(detail));
    }
}
