package dev.codeinterpreter.auth;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Holds a caller against the {@link Access} of the method that JAX-RS has chosen, after all that it does to a path. So no
 * way of writing a path leads around it.
 */
@Provider
@Priority(Priorities.AUTHORIZATION)
@SingleInstance
public class AccessFilter implements ContainerRequestFilter {
    private static final System.Logger LOG = System.getLogger(AccessFilter.class.getName());

    private final Authenticator authenticator;

    @Inject
    AccessFilter(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        Method method = method(request);
        Access access = method == null ? null : method.getAnnotation(Access.class);
        if (access != null && !access.audited().isEmpty()) {
            RequestNotes.current().operation(access.audited());
        }
        if (!authenticator.isOn()) {
            return;
        }
        if (access == null) {
            LOG.log(System.Logger.Level.ERROR, "{0} has no @Access", method);
            throw new ServiceException(ErrorCode.FORBIDDEN, "Nobody may use this");
        }
        Caller caller = Caller.current();
        if (access.value() != Need.OPEN && caller.isNobody()) {
            throw new ServiceException(ErrorCode.UNAUTHORIZED, "A credential is needed");
        }
        if (!access.value().isMetBy(caller)) {
            throw new ServiceException(ErrorCode.FORBIDDEN, access.value().missing());
        }
    }

    /**
     * Jersey's {@code UriInfo} is a {@link ResourceInfo}, too. The one that it injects is a proxy that looks for its request at
     * each call, which took 6 % of a request for a list of files.
     */
    private static @Nullable Method method(ContainerRequestContext request) {
        return request.getUriInfo() instanceof ResourceInfo info ? info.getResourceMethod() : null;
    }
}
