package dev.codeinterpreter.execution;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.pool.WarmPool;
import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;

/** Lets the pool ask for a living sandbox while the request that will need it is still being read. */
@Provider
@PreMatching
@SingleInstance
public class PoolHintFilter implements ContainerRequestFilter {
    private final WarmPool pool;

    @Inject
    PoolHintFilter(WarmPool pool) {
        this.pool = pool;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (HttpMethod.POST.equals(request.getMethod())
                && request.getUriInfo().getPath().startsWith(ExecuteResource.PATH)) {
            pool.probeNext();
        }
    }
}
