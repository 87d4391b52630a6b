package dev.codeinterpreter.server;

import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.trace.RemoteParent;
import dev.codeinterpreter.trace.RequestTracer;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The span of a request, from its head to the end of its answer, by OpenTelemetry's conventions for HTTP servers; but its
 * path is the route, since paths here hold ids and names of files.
 */
final class TraceFilter implements Filter {
    private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");
    private static final HeaderName TRACESTATE = HeaderNames.create("tracestate");
    /** A host of {@code Host}, and its port. */
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{1,5}))?");

    private final RequestTracer tracer;
    private final Routes routes;

    TraceFilter(RequestTracer tracer, Routes routes) {
        this.tracer = tracer;
        this.routes = routes;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String method = Routes.method(request);
        Optional<String> route = routes.of(request);
        String name = method.equals(Routes.OTHER_METHOD) ? "HTTP" : method;
        Span begun = tracer.begin(route.map(path -> name + " " + path).orElse(name), parent(request));
        try (Span span = Tracing.enter(begun)) {
            describe(request, method, span);
            route.ifPresent(path -> span.set("http.route", path).set("url.path", path));
            try {
                chain.proceed();
            } catch (CloseConnectionException e) {
                throw e;
            } catch (RuntimeException e) {
                span.fail(e.getClass().getName());
                throw e;
            } finally {
                int status = response.status().code();
                span.set("http.response.status_code", status);
                if (status >= 500) {
                    span.fail(Integer.toString(status));
                }
            }
        }
    }

    private static void describe(RoutingRequest request, String method, Span span) {
        span.set("http.request.method", method)
                .set("url.scheme", request.isSecure() ? "https" : "http")
                .set("network.protocol.version", "1.1")
                .set("client.address", request.remotePeer().host())
                .set("network.peer.address", request.remotePeer().host())
                .set("network.peer.port", request.remotePeer().port());
        var authority = AUTHORITY.matcher(request.authority());
        if (authority.matches()) {
            span.set("server.address", authority.group(1));
            if (authority.group(2) != null) {
                span.set("server.port", Long.parseLong(authority.group(2)));
            }
        }
        request.headers().first(HeaderNames.USER_AGENT).ifPresent(agent -> span.set("user_agent.original", agent));
        String id = RequestId.current();
        if (id != null) {
            span.set("code_interpreter.request_id", id);
        }
    }

    /** None when there is more than one, as the standard demands. */
    private static Optional<RemoteParent> parent(RoutingRequest request) {
        List<String> parents = request.headers().all(TRACEPARENT, List::of);
        return parents.size() == 1
                ? RemoteParent.of(
                        parents.getFirst(), String.join(",", request.headers().all(TRACESTATE, List::of)))
                : Optional.empty();
    }
}
