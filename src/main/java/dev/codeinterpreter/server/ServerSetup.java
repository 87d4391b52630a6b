package dev.codeinterpreter.server;

import dev.codeinterpreter.audit.AuditLog;
import dev.codeinterpreter.auth.Authenticator;
import dev.codeinterpreter.auth.OpenPaths;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.browser.BrowserConfig;
import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.tls.CertificateReloader;
import dev.codeinterpreter.trace.Traces;
import io.helidon.http.HeaderValues;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.microprofile.server.ServerCdiExtension;
import io.helidon.webserver.http.HttpRouting;
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
            CertificateReloader certificate,
            BrowserConfig browsers,
            Traces traces,
            AuditLog audit,
            Authenticator authenticator,
            Application application) {
        HttpRouting.Builder routing =
                beans.getExtension(ServerCdiExtension.class).serverRoutingBuilder();
        routing.addFilter(new RequestIdFilter());
        addObservers(routing, traces);
        routing.addFilter(new ConnectionFilter(connections, certificate))
                .addFilter(new AuditFilter(audit))
                .addFilter(new BrowserFilter(browsers))
                .addFilter(new AuthenticationFilter(authenticator, OpenPaths.of(application.getClasses())))
                .error(NotFoundException.class, ServerSetup::notFound);
    }

    /** Around all that refuses requests; the span is around the line, which has the trace's id. */
    private static void addObservers(HttpRouting.Builder routing, Traces traces) {
        if (traces.tracer().isEmpty() && !RequestLog.isOn()) {
            return;
        }
        Routes routes = Routes.read();
        traces.tracer().ifPresent(tracer -> routing.addFilter(new TraceFilter(tracer, routes)));
        if (RequestLog.isOn()) {
            routing.addFilter(new RequestLog(routes));
        }
    }

    /** Neither JAX-RS nor metrics nor health checks know the path. */
    private static void notFound(ServerRequest request, ServerResponse response, NotFoundException nothing) {
        response.status(Status.NOT_FOUND_404)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .send(NOT_FOUND);
    }
}
