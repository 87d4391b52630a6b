package dev.codeinterpreter.server;

import dev.codeinterpreter.logging.RequestId;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** Names the request in its answer. */
final class RequestIdFilter implements Filter {
    static final HeaderName NAME = HeaderNames.create(RequestId.HEADER);

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String id = RequestId.current();
        if (id != null) {
            // An answer that is begun anew, as it failed, loses the headers that it had.
            response.beforeSend(() -> response.headers().set(NAME, id));
        }
        chain.proceed();
    }
}
