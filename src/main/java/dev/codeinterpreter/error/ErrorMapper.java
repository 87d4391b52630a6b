package dev.codeinterpreter.error;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.tenant.RequestNotes;
import io.helidon.webserver.CloseConnectionException;
import jakarta.inject.Inject;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonValue;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.RedirectionException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one place where a failure becomes an answer: always JSON with {@code detail} and {@code code}, whatever the client
 * said it accepts, and never a word about our insides.
 */
@Provider
@SingleInstance
public class ErrorMapper implements ExceptionMapper<Throwable> {
    private static final System.Logger LOG = System.getLogger(ErrorMapper.class.getName());

    private static final int MAX_CAUSES = 5;

    /** MicroProfile's own paths, which no resource serves. */
    private static final Set<String> MICROPROFILE_PATHS =
            Set.of("metrics", "health/live", "health/ready", "health/started");

    private final ErrorConfig config;

    @Context
    private @Nullable UriInfo request;

    @Context
    private @Nullable Request method;

    @Inject
    ErrorMapper(ErrorConfig config) {
        this.config = config;
    }

    @Override
    public Response toResponse(Throwable failure) {
        return switch (failure) {
            case ServiceException e -> service(e);
            case SchemaException e -> answer(ErrorCode.INVALID_REQUEST, details(e));
            case RedirectionException e -> e.getResponse();
            // Without a body it is not yet an answer: what the web server itself has at that path comes next. Of other
            // methods it knows nothing, or an answer without a body.
            case NotFoundException e when isObserved() -> isGet() ? e.getResponse() : notAllowed();
            case WebApplicationException e -> framework(e.getResponse());
            case ClientGoneException e -> clientGone(e);
            // What writing to a connection throws that the client has closed.
            case CloseConnectionException e -> clientGone(e);
            case UncheckedIOException e -> clientGone(e);
            default -> unexpected(failure);
        };
    }

    private boolean isObserved() {
        return request != null && MICROPROFILE_PATHS.contains(request.getPath());
    }

    private boolean isGet() {
        return method != null && HttpMethod.GET.equals(method.getMethod());
    }

    private static Response notAllowed() {
        return framework(new NotAllowedException(HttpMethod.GET).getResponse());
    }

    private Response service(ServiceException failure) {
        if (failure.code() == ErrorCode.INTERNAL) {
            return unexpected(failure);
        }
        if (failure.code().status() >= 500) {
            LOG.log(System.Logger.Level.WARNING, withCauses(failure));
        }
        Response.ResponseBuilder response =
                builder(failure.code(), Json.createValue(Objects.requireNonNullElse(failure.getMessage(), "")));
        failure.retryAfter()
                .or(() -> config.retryAfter(failure.code()))
                .ifPresent(delay -> response.header(HttpHeaders.RETRY_AFTER, wholeSeconds(delay)));
        if (failure.code() == ErrorCode.UNAUTHORIZED) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return response.build();
    }

    private static long wholeSeconds(Duration delay) {
        return Math.max(1, delay.plusNanos(999_999_999).toSeconds());
    }

    /** One line: these are not bugs, and an engine that is down fails every request in the same way. */
    private static String withCauses(Throwable failure) {
        StringBuilder line = new StringBuilder(String.valueOf(failure.getMessage()));
        int depth = 0;
        for (Throwable cause = failure.getCause(); cause != null && depth < MAX_CAUSES; cause = cause.getCause()) {
            line.append(" <- ").append(cause);
            for (Throwable beside : cause.getSuppressed()) {
                line.append(" (and ").append(beside).append(')');
            }
            depth++;
        }
        return line.toString();
    }

    /** What JAX-RS refuses by itself: unknown paths, wrong methods, headers that do not parse. */
    private static Response framework(Response refusal) {
        Response.StatusType status = refusal.getStatusInfo();
        Response.ResponseBuilder response = builder(
                status.getStatusCode(),
                ErrorCode.ofStatus(status.getStatusCode()),
                Json.createValue(status.getReasonPhrase()));
        Object allow = refusal.getHeaders().getFirst(HttpHeaders.ALLOW);
        if (allow != null) {
            response.header(HttpHeaders.ALLOW, offered(allow.toString()));
        }
        return response.build();
    }

    /** Without OPTIONS, which JAX-RS adds by itself, and with HEAD where GET is. */
    private static String offered(String allow) {
        Set<String> methods =
                Arrays.stream(allow.split(",")).map(String::strip).collect(Collectors.toCollection(TreeSet::new));
        methods.remove(HttpMethod.OPTIONS);
        if (methods.contains(HttpMethod.GET)) {
            methods.add(HttpMethod.HEAD);
        }
        return String.join(", ", methods);
    }

    private static Response clientGone(Throwable failure) {
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "client went away: " + failure.getClass().getSimpleName() + ' ' + withCauses(failure));
        return answer(ErrorCode.MALFORMED_BODY, Json.createValue("The request ended early"));
    }

    private static Response unexpected(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, "request failed", failure);
        return answer(ErrorCode.INTERNAL, Json.createValue("Internal Server Error"));
    }

    private static JsonValue details(SchemaException failure) {
        JsonArrayBuilder details = Json.createArrayBuilder();
        failure.errors().forEach(error -> details.add(error.toJson()));
        return details.build();
    }

    private static Response answer(ErrorCode code, JsonValue detail) {
        return builder(code, detail).build();
    }

    private static Response.ResponseBuilder builder(ErrorCode code, JsonValue detail) {
        return builder(code.status(), code, detail);
    }

    private static Response.ResponseBuilder builder(int status, ErrorCode code, JsonValue detail) {
        RequestNotes.current().outcome(code.label());
        return Response.status(status, reason(status))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorBody.of(code, detail));
    }

    private static String reason(int status) {
        Response.@Nullable Status known = Response.Status.fromStatusCode(status);
        if (known != null) {
            return known.getReasonPhrase();
        }
        // The two of ours that JAX-RS does not know.
        return status == 422 ? "Unprocessable Content" : "Insufficient Storage";
    }
}
