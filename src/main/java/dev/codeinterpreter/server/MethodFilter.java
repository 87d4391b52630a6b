package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.util.Set;

/**
 * Refuses HEAD and OPTIONS, which JAX-RS answers by itself and the reference does not. HEAD would also open a download
 * that nobody ever closes.
 */
@Provider
@PreMatching
@SingleInstance
public class MethodFilter implements ContainerRequestFilter, ContainerResponseFilter {
    private static final String SENT_METHOD = MethodFilter.class.getName();
    private static final Set<String> ANSWERED_BY_JAX_RS = Set.of(HttpMethod.HEAD, HttpMethod.OPTIONS);
    /** No resource has it, so that matching ends in 404 or 405 with the methods that the path does have. */
    private static final String UNMATCHED_METHOD = "TRACE";

    @Override
    public void filter(ContainerRequestContext request) {
        String method = request.getMethod();
        if (ANSWERED_BY_JAX_RS.contains(method)) {
            request.setProperty(SENT_METHOD, method);
            request.setMethod(UNMATCHED_METHOD);
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (HttpMethod.HEAD.equals(request.getProperty(SENT_METHOD))) {
            // The client would take a body for the next answer.
            response.setEntity(null);
        }
    }
}
