package dev.codeinterpreter.browser;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a web page comes from, as a browser writes it: {@code https://app.example.com:8443}.
 *
 * @param scheme http or https
 * @param port the one that is written, else the scheme's
 */
record WebOrigin(String scheme, String host, int port) {

    /** Empty for whatever is not one origin of http or https, such as {@code null}, an empty text or a URL with a path. */
    static Optional<WebOrigin> parse(String text) {
        int end = text.indexOf("://");
        if (end < 0) {
            return Optional.empty();
        }
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        int defaultPort = switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> 0;
        };
        return Authority.parse(text.substring(end + 3))
                .filter(authority -> defaultPort > 0)
                .map(authority ->
                        new WebOrigin(scheme, authority.host(), authority.port().orElse(defaultPort)));
    }

    /** Whether its pages are served by this machine: no page can give itself such an origin. */
    boolean isOfThisMachine() {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]") || host.equals("::1");
    }

    /**
     * Whether a page of this origin was served under {@code authority}. Of a service behind a proxy that ends TLS the
     * scheme is not known, so an authority without a port stands for the origin's default one.
     */
    boolean isAt(Authority authority) {
        return host.equals(authority.host()) && port == authority.port().orElse(defaultPort(scheme));
    }

    /** Zero for a scheme that no page of ours can have. */
    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> 0;
        };
    }
}
