package dev.codeinterpreter.server;

import dev.codeinterpreter.logging.LogFields;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import jakarta.json.JsonObjectBuilder;
import java.time.Duration;

/**
 * One line for each request when it has been answered, if LOG_REQUESTS asks for it. It has the route and not the path, which
 * holds ids and names of files; nothing else in it is the client's.
 */
final class RequestLog implements Filter {
    private static final System.Logger LOG = System.getLogger(RequestLog.class.getName());

    private final Routes routes;

    RequestLog(Routes routes) {
        this.routes = routes;
    }

    /** As it is in the log; what is not known is {@code -}. */
    record Line(String method, String route, int status, Duration took, String client) implements LogFields {
        @Override
        public void addTo(JsonObjectBuilder line) {
            line.add("method", method)
                    .add("route", route)
                    .add("status", status)
                    .add("duration_ms", milliseconds())
                    .add("client", client);
        }

        private double milliseconds() {
            return Math.round(took.toNanos() / 10_000.0) / 100.0;
        }

        @Override
        public String toString() {
            return "%s %s %d in %s ms for %s".formatted(method, route, status, milliseconds(), client);
        }
    }

    /** Whether LOG_REQUESTS and LOG_LEVEL ask for lines. */
    static boolean isOn() {
        return LOG.isLoggable(System.Logger.Level.INFO);
    }

    /** A request that could not be read. */
    static void refused(int status, String client) {
        if (isOn()) {
            write(new Line("-", "-", status, Duration.ZERO, client));
        }
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        long start = System.nanoTime();
        try {
            chain.proceed();
        } finally {
            write(new Line(
                    Routes.method(request),
                    routes.of(request).orElse("-"),
                    response.status().code(),
                    Duration.ofNanos(System.nanoTime() - start),
                    request.remotePeer().host()));
        }
    }

    private static void write(Line line) {
        LOG.log(System.Logger.Level.INFO, "{0}", line);
    }
}
