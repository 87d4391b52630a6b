package dev.codeinterpreter.browser;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request that may come from a web page is answered. A browser sends requests to this service for any
 * page that asks it to, also to addresses that only the browser's machine can reach. It names the page's origin in
 * {@code Origin} or says {@code cross-site} in {@code Sec-Fetch-Site}, and no page can change either. Callers that are no
 * browsers send neither.
 *
 * <p>A page under a name that was made to resolve to this machine after the page was loaded (DNS rebinding) has the origin
 * that its Host header has. So a request that arrives on a loopback address has to name the service as it is named there.
 */
public final class BrowserRules {
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD");

    private final BrowserConfig config;
    /** Of an earlier request: nearly all name the same host, and to parse it took 3 % of a request for a list of files. */
    private volatile @Nullable Host lastHost;

    /**
     * A host that is sound.
     *
     * @param text as it was sent
     * @param ofThisMachine whether a request that arrives on a loopback address may name it
     */
    private record Host(String text, Authority authority, boolean ofThisMachine) {}

    public BrowserRules(BrowserConfig config) {
        this.config = config;
    }

    /**
     * What the rules look at.
     *
     * @param method in capitals
     * @param mcp whether it is for {@code /mcp}
     * @param loopback whether the connection arrived on a loopback address of this machine
     * @param hosts values of Host; one in a request that is sound
     * @param forwardedHost value of X-Forwarded-Host; empty when there is none
     * @param origins values of Origin
     * @param fetchSite value of Sec-Fetch-Site, empty when there is none; likewise the next two
     * @param preflight whether it is an OPTIONS request with Access-Control-Request-Method
     */
    public record Request(
            String method,
            boolean mcp,
            boolean loopback,
            List<String> hosts,
            String forwardedHost,
            List<String> origins,
            String fetchSite,
            String fetchMode,
            String fetchDest,
            boolean preflight) {}

    /** What becomes of a request. */
    public sealed interface Decision {
        /** It is answered as if there were no browsers. */
        record Pass() implements Decision {}

        /** It is answered, and the page of {@code origin} may read the answer. */
        record Share(String origin) implements Decision {}

        /** The browser asked whether a page of {@code origin} may send a request: it may. */
        record Preflight(String origin) implements Decision {}

        /** 400, the Host header is no host. */
        record Malformed() implements Decision {}

        /** 403 with a sentence that names the setting. */
        record Refuse(String detail) implements Decision {}
    }

    public Decision decide(Request request) {
        Optional<Host> host = request.hosts().size() == 1 ? host(request.hosts().getFirst()) : Optional.empty();
        if (host.isEmpty()) {
            return new Decision.Malformed();
        }
        Authority authority = host.get().authority();
        if (request.loopback() && !host.get().ofThisMachine()) {
            return new Decision.Refuse("Host '%s' is not localhost, an IP address or one of ALLOWED_HOSTS"
                    .formatted(quoted(authority.host())));
        }
        if (request.origins().isEmpty()) {
            return "cross-site".equalsIgnoreCase(request.fetchSite()) && !isNavigation(request)
                    ? refusal("a page of another site")
                    : new Decision.Pass();
        }
        return decideByOrigin(request, authority);
    }

    private Decision decideByOrigin(Request request, Authority host) {
        String sent = request.origins().getFirst();
        Optional<WebOrigin> origin = request.origins().size() == 1 ? WebOrigin.parse(sent) : Optional.empty();
        if (origin.isEmpty()) {
            return refusal("Origin '%s'".formatted(quoted(sent)));
        }
        if (request.mcp()) {
            return decideForMcp(request, origin.get(), sent);
        }
        if (config.allowedOrigins().contains(origin.get())) {
            return request.preflight() ? new Decision.Preflight(sent) : new Decision.Share(sent);
        }
        // A page cannot send X-Forwarded-Host: with that header a browser asks first, and is refused.
        boolean own = origin.get().isAt(host)
                || Authority.parse(request.forwardedHost().split(",", 2)[0].strip())
                        .filter(origin.get()::isAt)
                        .isPresent();
        return own && !"cross-site".equalsIgnoreCase(request.fetchSite())
                ? new Decision.Pass()
                : refusal("Origin '%s'".formatted(quoted(sent)));
    }

    /** By the origin alone: a page under a name that was rebound to this service names that as Origin and as Host. */
    private Decision decideForMcp(Request request, WebOrigin origin, String sent) {
        if (!origin.isOfThisMachine() && !config.allowedMcpOrigins().contains(origin)) {
            return new Decision.Refuse(
                    "Requests of Origin '%s' are not accepted here: it is neither localhost nor in MCP_ALLOWED_ORIGINS"
                            .formatted(quoted(sent)));
        }
        return request.preflight() ? new Decision.Preflight(sent) : new Decision.Share(sent);
    }

    /** Empty when it is malformed. */
    private Optional<Host> host(String text) {
        Host last = lastHost;
        if (last != null && last.text().equals(text)) {
            return Optional.of(last);
        }
        Optional<Host> host =
                Authority.parse(text).map(authority -> new Host(text, authority, isNameOfThisMachine(authority)));
        host.ifPresent(sound -> lastHost = sound);
        return host;
    }

    private boolean isNameOfThisMachine(Authority host) {
        return host.host().equals("localhost")
                || host.isIpLiteral()
                || config.allowedHosts().contains(host.host());
    }

    /** A person who follows a link to a page or a document of ours: nothing is changed, and the page reads nothing of it. */
    private static boolean isNavigation(Request request) {
        return SAFE_METHODS.contains(request.method())
                && "navigate".equalsIgnoreCase(request.fetchMode())
                && "document".equalsIgnoreCase(request.fetchDest());
    }

    private static Decision refusal(String from) {
        return new Decision.Refuse(
                "Requests of %s are not accepted: it is neither the service's own nor in CORS_ALLOWED_ORIGINS"
                        .formatted(from));
    }

    /** At most 100 characters of what a client sent, none that a terminal or a log obeys. */
    private static String quoted(String text) {
        String start = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return start.replaceAll("[^\\x20-\\x7E]", "?");
    }
}
