package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;

/**
 * Keeps a semicolon, and what follows it, in the path. JAX-RS takes it for a "matrix parameter" and drops it, so that a
 * file called {@code report;v2} would be {@code report}, and an id with anything behind it that id.
 */
@Provider
@PreMatching
@SingleInstance
public class PathParametersFilter implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        URI uri = request.getUriInfo().getRequestUri();
        String path = uri.getRawPath();
        if (path == null || path.indexOf(';') < 0) {
            return;
        }
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        request.setRequestUri(URI.create(
                "%s://%s%s%s".formatted(uri.getScheme(), uri.getRawAuthority(), path.replace(";", "%3B"), query)));
    }
}
