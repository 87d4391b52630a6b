package dev.codeinterpreter.server;

import dev.codeinterpreter.browser.BrowserConfig;
import dev.codeinterpreter.browser.BrowserRules;
import dev.codeinterpreter.browser.BrowserRules.Decision;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetSocketAddress;
import java.util.List;

/** Applies {@link BrowserRules} to every path of the service, and speaks CORS with the pages that may call it. */
final class BrowserFilter implements Filter {
    private static final HeaderName FORWARDED_HOST = HeaderNames.create("X-Forwarded-Host");
    private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName FETCH_MODE = HeaderNames.create("Sec-Fetch-Mode");
    private static final HeaderName FETCH_DEST = HeaderNames.create("Sec-Fetch-Dest");
    private static final HeaderName PRIVATE_NETWORK = HeaderNames.create("Access-Control-Request-Private-Network");
    private static final HeaderName ALLOW_PRIVATE_NETWORK = HeaderNames.create("Access-Control-Allow-Private-Network");

    private static final String METHODS = "GET, POST, DELETE";
    private static final String REQUEST_HEADERS =
            "Authorization, Content-Type, traceparent, tracestate, X-API-Key, X-Request-Id";
    private static final String ANSWER_HEADERS = "Content-Disposition, Retry-After, X-Request-Id";
    private static final String MCP_REQUEST_HEADERS =
            REQUEST_HEADERS + ", Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id";
    private static final String MCP_ANSWER_HEADERS = ANSWER_HEADERS + ", Mcp-Session-Id, WWW-Authenticate";
    private static final String MCP_PATH = "/mcp";
    /** Seconds for which a browser need not ask again: the most that Chromium heeds. */
    private static final String MAX_AGE = "7200";

    private final BrowserRules rules;
    private final boolean hasAllowedOrigins;

    BrowserFilter(BrowserConfig config) {
        this.rules = new BrowserRules(config);
        this.hasAllowedOrigins = !config.allowedOrigins().isEmpty();
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        boolean mcp = isMcp(request);
        if (hasAllowedOrigins || mcp) {
            // A cache must not give one page the answer that names another.
            response.headers().add(HeaderNames.VARY, "Origin");
        }
        switch (rules.decide(facts(request, mcp))) {
            case Decision.Pass _ -> chain.proceed();
            case Decision.Share share -> {
                response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, share.origin())
                        .header(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, mcp ? MCP_ANSWER_HEADERS : ANSWER_HEADERS);
                chain.proceed();
            }
            case Decision.Preflight preflight -> allow(request, response, preflight.origin(), mcp);
            case Decision.Malformed _ -> Refusal.send(response, Status.BAD_REQUEST_400, "Host is malformed");
            case Decision.Refuse refuse -> Refusal.send(response, Status.FORBIDDEN_403, refuse.detail());
        }
    }

    private static void allow(RoutingRequest request, RoutingResponse response, String origin, boolean mcp) {
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                .header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, mcp ? "POST" : METHODS)
                .header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, mcp ? MCP_REQUEST_HEADERS : REQUEST_HEADERS)
                .header(HeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if (value(request, PRIVATE_NETWORK).equals("true")) {
            response.header(ALLOW_PRIVATE_NETWORK, "true");
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    private static BrowserRules.Request facts(RoutingRequest request, boolean mcp) {
        String method = request.prologue().method().text();
        return new BrowserRules.Request(
                method,
                mcp,
                request.localPeer().address() instanceof InetSocketAddress address
                        && address.getAddress() != null
                        && address.getAddress().isLoopbackAddress(),
                request.headers().all(HeaderNames.HOST, List::of),
                value(request, FORWARDED_HOST),
                request.headers().all(HeaderNames.ORIGIN, List::of),
                value(request, FETCH_SITE),
                value(request, FETCH_MODE),
                value(request, FETCH_DEST),
                method.equals("OPTIONS") && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD));
    }

    private static boolean isMcp(RoutingRequest request) {
        String path = request.path().path();
        return path.equals(MCP_PATH) || path.equals(MCP_PATH + "/");
    }

    private static String value(RoutingRequest request, HeaderName name) {
        return request.headers().first(name).orElse("");
    }
}
