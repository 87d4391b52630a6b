package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;

/** Refuses OPTIONS, which JAX-RS answers by itself and the reference does not. HEAD arrives as GET, see {@link ClientIo}. */
@Provider
@PreMatching
@SingleInstance
public class MethodFilter implements ContainerRequestFilter {
    /** No resource has it, so that matching ends in 404 or 405 with the methods that the path does have. */
    private static final String UNMATCHED_METHOD = "TRACE";

    @Override
    public void filter(ContainerRequestContext request) {
        if (HttpMethod.OPTIONS.equals(request.getMethod())) {
            request.setMethod(UNMATCHED_METHOD);
        }
    }
}
