package dev.codeinterpreter.browser;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host and its port, as they stand in a Host header and behind the scheme of an origin.
 *
 * @param host in lower case; an IPv6 literal keeps its brackets, a trailing dot is dropped
 * @param port empty when it is not written
 */
record Authority(String host, OptionalInt port) {
    private static final int MAX_LENGTH = 255 + 6;
    private static final int MAX_PORT = 65_535;
    private static final Pattern FORM =
            Pattern.compile("(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:(?<port>[0-9]{0,5}))?");
    private static final Pattern IPV4 = Pattern.compile("(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])(\\.|$)){4}");

    /** Empty for what is no host with an optional port: user names, paths, white space, percent-encoding. */
    static Optional<Authority> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (text.length() > MAX_LENGTH || !matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group("host").toLowerCase(Locale.ROOT);
        String port = matcher.group("port");
        if (port == null || port.isEmpty()) {
            return Optional.of(new Authority(withoutTrailingDot(host), OptionalInt.empty()));
        }
        int number = Integer.parseInt(port);
        return number > MAX_PORT
                ? Optional.empty()
                : Optional.of(new Authority(withoutTrailingDot(host), OptionalInt.of(number)));
    }

    /** Whether the host is an address and not a name: no resolver has a say in where it leads. */
    boolean isIpLiteral() {
        return host.startsWith("[") || IPV4.matcher(host).matches();
    }

    private static String withoutTrailingDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
