package dev.codeinterpreter.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;

/**
 * Keeps two rules of HTTP/1.1 that Helidon 4.4 does not: a connection that either side wants closed is closed after its
 * answer (helidon issue 12324), and a request whose length is not one natural number is refused, because a proxy in front
 * may count its body differently.
 */
final class ConnectionFilter implements Filter {
    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (!hasSoundLength(request)) {
            response.status(Status.BAD_REQUEST_400)
                    .header(HeaderValues.CONNECTION_CLOSE)
                    .header(HeaderValues.CONTENT_TYPE_JSON)
                    .send("{\"detail\":\"There was an error parsing the body\"}");
            throw closed();
        }
        chain.proceed();
        if (request.headers().contains(HeaderValues.CONNECTION_CLOSE)
                || response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            throw closed();
        }
    }

    private static boolean hasSoundLength(RoutingRequest request) {
        if (!request.headers().contains(HeaderNames.CONTENT_LENGTH)) {
            return true;
        }
        List<String> values = request.headers().get(HeaderNames.CONTENT_LENGTH).allValues();
        return values.size() == 1
                && !values.getFirst().isEmpty()
                && values.getFirst().chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static CloseConnectionException closed() {
        return new CloseConnectionException("the answer was the last one on its connection");
    }
}
