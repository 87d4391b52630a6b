package dev.codeinterpreter.mcp;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;

/** Where MCP is off, its path is one that does not exist. */
@Provider
@PreMatching
@SingleInstance
public class McpFilter implements ContainerRequestFilter {
    private final McpConfig config;

    @Inject
    McpFilter(McpConfig config) {
        this.config = config;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!config.enabled() && request.getUriInfo().getPath().matches("/?" + McpResource.PATH + "/*")) {
            throw new NotFoundException();
        }
    }
}
