package dev.codeinterpreter.server;

import dev.codeinterpreter.http1.RequestHead;
import dev.codeinterpreter.http1.RequestTarget;
import dev.codeinterpreter.tls.CertificateReloader;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import jakarta.ws.rs.core.MediaType;
import java.util.regex.Pattern;

/**
 * Refuses what Helidon 4.4 would let pass or refuse without a word, and closes connections that it would keep: a request
 * whose target is no text, see {@link RequestTarget}; a content type that is none; and after the answer a connection that
 * either side wants closed (helidon issue 12324). What is wrong with a request's framing, {@link RequestHead} has refused.
 */
final class ConnectionFilter implements Filter {
    /** Jersey reads it in a type of any header, and fails where nothing of ours can help. */
    private static final Pattern QUALITY = Pattern.compile("0(\\.\\d{0,3})?|1(\\.0{0,3})?");

    private final Connections connections;
    private final CertificateReloader certificate;

    ConnectionFilter(Connections connections, CertificateReloader certificate) {
        this.connections = connections;
        this.certificate = certificate;
    }

    @Override
    public void afterStart(WebServer server) {
        LimitedListener.install(server, connections, ExitStatus::listenerDied);
        certificate.start(server::reloadTls);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (!hasSoundTarget(request)) {
            Refusal.send(response, Status.BAD_REQUEST_400, "The request target must be percent-encoded UTF-8");
        } else if (!hasSoundType(request)) {
            Refusal.send(response, Status.BAD_REQUEST_400, "Content-Type is malformed");
        } else {
            chain.proceed();
            if (!request.headers().contains(HeaderValues.CONNECTION_CLOSE)
                    && !response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
                return;
            }
        }
        throw new CloseConnectionException("the answer was the last one on its connection");
    }

    private static boolean hasSoundTarget(RoutingRequest request) {
        HttpPrologue prologue = request.prologue();
        return RequestTarget.isSound(prologue.uriPath().absolute().rawPath())
                && RequestTarget.isSound(prologue.query().rawValue())
                && !prologue.fragment().hasValue();
    }

    private static boolean hasSoundType(RoutingRequest request) {
        try {
            MediaType type = MediaType.valueOf(
                    request.headers().first(HeaderNames.CONTENT_TYPE).orElse("*/*"));
            String quality = type.getParameters().get("q");
            if (quality != null && !QUALITY.matcher(quality).matches()) {
                return false;
            }
            return request.headers().contentType().isPresent()
                    || !request.headers().contains(HeaderNames.CONTENT_TYPE);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
