package dev.codeinterpreter.server;

import dev.codeinterpreter.json.Json;
import io.helidon.webserver.http.RoutingRequest;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of the service's paths a request is for, as the OpenAPI document writes it: {@code /v1/files/{file_id}}. Few words,
 * and none of the client's.
 */
final class Routes {
    private static final String DOCUMENT = "/dev/codeinterpreter/docs/openapi.json";
    /** Helidon's, which that document does not have. */
    private static final List<String> HELIDONS =
            List.of("/metrics", "/health/live", "/health/ready", "/health/started");

    /** In place of a method that a client has made up. */
    static final String OTHER_METHOD = "_OTHER";

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");

    private final List<Route> routes;

    private Routes(List<Route> routes) {
        this.routes = routes;
    }

    static Routes read() {
        List<Route> routes = new ArrayList<>();
        try (InputStream in = Routes.class.getResourceAsStream(DOCUMENT)) {
            if (in == null) {
                throw new IllegalStateException(DOCUMENT + " is not in the class path");
            }
            try (JsonReader reader = Json.createReader(in)) {
                reader.readObject().getJsonObject("paths").keySet().forEach(path -> routes.add(Route.parse(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        HELIDONS.forEach(path -> routes.add(Route.parse(path)));
        return new Routes(List.copyOf(routes));
    }

    Optional<String> of(RoutingRequest request) {
        return of(request.prologue().uriPath().absolute().rawPath());
    }

    /** Empty for a path that the service does not have. */
    Optional<String> of(String path) {
        String[] segments = segments(path);
        return routes.stream()
                .filter(route -> route.matches(segments))
                .map(Route::template)
                .findFirst();
    }

    /** A method by its name, if it has one that clients have not made up. */
    static String method(RoutingRequest request) {
        String method = request.prologue().method().text();
        return METHODS.contains(method) ? method : OTHER_METHOD;
    }

    private static String[] segments(String path) {
        return path.substring(path.startsWith("/") ? 1 : 0).split("/", -1);
    }

    /** @param rest whether the last segment stands for any number of them */
    private record Route(String template, List<String> segments, boolean rest) {
        static Route parse(String template) {
            return new Route(template, List.of(Routes.segments(template)), template.endsWith("{path}"));
        }

        boolean matches(String[] path) {
            if (rest ? path.length < segments.size() : path.length != segments.size()) {
                return false;
            }
            for (int i = 0; i < segments.size(); i++) {
                String segment = segments.get(i);
                if (segment.startsWith("{") ? path[i].isEmpty() : !segment.equals(path[i])) {
                    return false;
                }
            }
            return true;
        }
    }
}
