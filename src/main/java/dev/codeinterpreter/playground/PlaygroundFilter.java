package dev.codeinterpreter.playground;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.page.Preference;
import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;

/**
 * Routes {@code GET /} from browsers to the page. A resource at {@code /} itself would change the answers to all other
 * callers from 404 to 405 or 406.
 */
@Provider
@PreMatching
@SingleInstance
public class PlaygroundFilter implements ContainerRequestFilter {
    private final boolean enabled;

    @Inject
    PlaygroundFilter(PlaygroundConfig config) {
        this.enabled = config.enabled();
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        if (path.isEmpty() || path.equals("/")) {
            if (enabled
                    && HttpMethod.GET.equals(request.getMethod())
                    && Preference.names(request.getHeaders().get(HttpHeaders.ACCEPT), "text/html")) {
                URI base = request.getUriInfo().getBaseUri();
                request.setRequestUri(base.resolve("/" + PlaygroundResource.PATH + "/" + PlaygroundResource.PAGE));
                request.setProperty(PlaygroundResource.PAGE, true);
            }
        } else if (!enabled && path.matches("/?" + PlaygroundResource.PATH + "(/.*)?")) {
            throw new NotFoundException();
        }
    }
}
