package dev.codeinterpreter.server;

import dev.codeinterpreter.audit.AuditLog;
import dev.codeinterpreter.auth.Authenticator;
import dev.codeinterpreter.auth.OpenPaths;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.browser.BrowserConfig;
import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import io.helidon.http.HeaderValues;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.microprofile.server.ServerCdiExtension;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.ws.rs.core.Application;

/** Adds to the web server what JAX-RS cannot reach, before it starts. */
@SingleInstance
class ServerSetup {
    private static final byte[] NOT_FOUND = ErrorBody.of(ErrorCode.NOT_FOUND, "Not Found");

    void addFilters(
            @Observes @Initialized(ApplicationScoped.class) @Priority(1) Object event,
            BeanManager beans,
            Connections connections,
            BrowserConfig browsers,
            AuditLog audit,
            Authenticator authenticator,
            Application application) {
        beans.getExtension(ServerCdiExtension.class)
                .serverRoutingBuilder()
                .addFilter(new RequestIdFilter())
                .addFilter(new ConnectionFilter(connections))
                .addFilter(new AuditFilter(audit))
                .addFilter(new BrowserFilter(browsers))
                .addFilter(new AuthenticationFilter(authenticator, OpenPaths.of(application.getClasses())))
                .error(NotFoundException.class, ServerSetup::notFound);
    }

    /** Neither JAX-RS nor metrics nor health checks know the path. */
    private static void notFound(ServerRequest request, ServerResponse response, NotFoundException nothing) {
        response.status(Status.NOT_FOUND_404)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .send(NOT_FOUND);
    }
}
