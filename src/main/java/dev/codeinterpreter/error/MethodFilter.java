package dev.codeinterpreter.error;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Refuses HEAD and OPTIONS, which JAX-RS answers by itself and the reference does not. HEAD would also open a download
 * that nobody ever closes.
 */
@Provider
@ApplicationScoped
public class MethodFilter implements ContainerRequestFilter, ContainerResponseFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        if (request.getMethod().equals(HttpMethod.HEAD)) {
            throw new NotAllowedException(HttpMethod.GET);
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        boolean answered = response.getStatus() < 400;
        String allow = response.getHeaderString(HttpHeaders.ALLOW);
        if (answered && request.getMethod().equals(HttpMethod.OPTIONS)) {
            response.setStatus(405);
            response.getHeaders().putSingle(HttpHeaders.ALLOW, offered(allow));
            response.setEntity(ErrorBody.of("Method Not Allowed"), null, MediaType.APPLICATION_JSON_TYPE);
        } else if (allow != null) {
            response.getHeaders().putSingle(HttpHeaders.ALLOW, offered(allow));
        }
    }

    /** Without the two that JAX-RS adds by itself. */
    private static String offered(@Nullable String allow) {
        return Arrays.stream(Objects.requireNonNullElse(allow, "").split(","))
                .map(String::strip)
                .filter(method -> !method.equals(HttpMethod.OPTIONS) && !method.equals(HttpMethod.HEAD))
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
