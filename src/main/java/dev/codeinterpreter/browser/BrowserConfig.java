package dev.codeinterpreter.browser;

import dev.codeinterpreter.config.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which web pages may call the service, and under which names a browser on this machine may.
 *
 * @param allowedOrigins besides the service's own (CORS_ALLOWED_ORIGINS)
 * @param allowedHosts names besides localhost on a loopback address (ALLOWED_HOSTS)
 * @param allowedMcpOrigins of pages that may call {@code /mcp}, besides those of this machine (MCP_ALLOWED_ORIGINS)
 */
public record BrowserConfig(Set<WebOrigin> allowedOrigins, Set<String> allowedHosts, Set<WebOrigin> allowedMcpOrigins) {
    private static final String ORIGINS = "CORS_ALLOWED_ORIGINS";
    private static final String HOSTS = "ALLOWED_HOSTS";
    private static final String MCP_ORIGINS = "MCP_ALLOWED_ORIGINS";
    // A wildcard would let every page in the world run code here.
    private static final String EXPECTED_ORIGINS =
            "origins such as https://app.example.com between commas ('*' is none)";

    /** Reads CORS_ALLOWED_ORIGINS, ALLOWED_HOSTS and MCP_ALLOWED_ORIGINS, all lists between commas, empty by default. */
    public static BrowserConfig from(Settings settings) {
        return new BrowserConfig(
                settings.parsed(ORIGINS, Set.of(), EXPECTED_ORIGINS, text -> each(text, WebOrigin::parse)),
                settings.parsed(
                        HOSTS,
                        Set.of(),
                        "host names without ports between commas",
                        text -> each(text, BrowserConfig::hostName)),
                settings.parsed(MCP_ORIGINS, Set.of(), EXPECTED_ORIGINS, text -> each(text, WebOrigin::parse)));
    }

    private static Optional<String> hostName(String text) {
        return Authority.parse(text)
                .filter(authority -> authority.port().isEmpty() && !text.contains(":"))
                .map(Authority::host);
    }

    private static <T> Set<T> each(String text, Function<String, Optional<T>> parser) {
        Set<T> values = new HashSet<>();
        for (String word : List.of(text.split(",", -1))) {
            if (!word.isBlank()) {
                values.add(parser.apply(word.strip()).orElseThrow(IllegalArgumentException::new));
            }
        }
        return Set.copyOf(values);
    }
}
