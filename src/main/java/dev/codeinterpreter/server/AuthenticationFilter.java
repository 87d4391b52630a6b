package dev.codeinterpreter.server;

import dev.codeinterpreter.auth.Authenticator;
import dev.codeinterpreter.auth.Authenticator.Decision;
import dev.codeinterpreter.auth.Authenticator.Rate;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.auth.OpenPaths;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import io.helidon.common.uri.UriPath;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Asks every request who sends it, before anything of it is looked at but its head; and says to all that follows in whose
 * name it is served. What resources need besides, {@link dev.codeinterpreter.auth.AccessFilter} checks.
 */
final class AuthenticationFilter implements Filter {
    private static final HeaderName API_KEY = HeaderNames.create("X-API-Key");
    private static final HeaderName LIMIT = HeaderNames.create("RateLimit-Limit");
    private static final HeaderName REMAINING = HeaderNames.create("RateLimit-Remaining");
    private static final HeaderName RESET = HeaderNames.create("RateLimit-Reset");
    private static final Duration CANNOT_JUDGE = Duration.ofSeconds(10);

    private final Authenticator authenticator;
    private final OpenPaths open;

    AuthenticationFilter(Authenticator authenticator, OpenPaths open) {
        this.authenticator = authenticator;
        this.open = open;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (!authenticator.isOn()) {
            RequestNotes.current().caller(Caller.DEFAULT);
            Caller.DEFAULT.run(chain::proceed);
            return;
        }
        Decision decision;
        try {
            decision = authenticator.decide(
                    request.headers().all(HeaderNames.AUTHORIZATION, List::of),
                    request.headers().all(API_KEY, List::of),
                    address(request),
                    need(request.prologue().uriPath()));
        } catch (ServiceException e) {
            refuse(response, e.code(), String.valueOf(e.getMessage()), CANNOT_JUDGE);
            return;
        }
        switch (decision) {
            case Decision.Serve serve -> {
                serve.rate().ifPresent(rate -> announce(response, rate));
                RequestNotes.current().caller(serve.caller());
                serve.caller().run(chain::proceed);
            }
            case Decision.Unauthorized unauthorized -> {
                response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
                Refusal.send(response, ErrorCode.UNAUTHORIZED, unauthorized.detail());
            }
            case Decision.Forbidden forbidden -> {
                RequestNotes.current().caller(forbidden.caller());
                Refusal.send(response, ErrorCode.FORBIDDEN, forbidden.detail());
            }
            case Decision.TooMany many -> {
                many.caller().ifPresent(RequestNotes.current()::caller);
                many.rate().ifPresent(rate -> announce(response, rate));
                refuse(response, ErrorCode.RATE_LIMITED, many.detail(), many.retryAfter());
            }
        }
    }

    private Need need(UriPath path) {
        return open.need(path.absolute().rawPath(), path.absolute().path(), authenticator.coversMetrics());
    }

    private static void refuse(RoutingResponse response, ErrorCode code, String detail, Duration retryAfter) {
        response.header(HeaderValues.create(HeaderNames.RETRY_AFTER, wholeSeconds(retryAfter)));
        Refusal.send(response, code, detail);
    }

    /** An answer that is begun anew, as it failed, loses the headers that it had. */
    private static void announce(RoutingResponse response, Rate rate) {
        response.beforeSend(() -> response.headers()
                .set(HeaderValues.create(LIMIT, rate.limit()))
                .set(HeaderValues.create(REMAINING, rate.remaining()))
                .set(HeaderValues.create(RESET, wholeSeconds(rate.reset()))));
    }

    private static long wholeSeconds(Duration delay) {
        return delay.plusNanos(999_999_999).toSeconds();
    }

    private static InetAddress address(RoutingRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress()
                : InetAddress.getLoopbackAddress();
    }
}
