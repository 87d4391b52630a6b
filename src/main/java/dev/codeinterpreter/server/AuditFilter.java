package dev.codeinterpreter.server;

import dev.codeinterpreter.audit.AuditLog;
import dev.codeinterpreter.tenant.RequestNotes;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetSocketAddress;
import java.util.List;

/** Gives each request a sheet for notes, and hands that to the audit log when the request has been answered; of a request with parts, theirs. */
final class AuditFilter implements Filter {
    private final AuditLog log;

    AuditFilter(AuditLog log) {
        this.log = log;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        RequestNotes notes = new RequestNotes(log.isEnabled());
        try {
            notes.run(chain::proceed);
        } finally {
            List<RequestNotes> parts = notes.parts();
            for (RequestNotes each : parts.isEmpty() ? List.of(notes) : parts) {
                log.record(each, address(request), response.status().code());
            }
        }
    }

    private static String address(RoutingRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : "unknown";
    }
}
