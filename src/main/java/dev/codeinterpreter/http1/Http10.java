package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Requests of HTTP/1.0, which Helidon refuses and nginx, HAProxy's checks and ab send by default: each is read as one of
 * HTTP/1.1 on a connection that closes behind its answer. Answers say HTTP/1.1 (RFC 9110, 2.5). Those of unknown length are
 * chunked, which a client of HTTP/1.0 need not understand (RFC 9112, 6.1), and curl does.
 */
final class Http10 {
    private static final String VERSION = " HTTP/1.0";

    /** Fields of the connection, none of which 1.0 knew in the meaning of 1.1. */
    private static final Set<String> DROPPED =
            Set.of("connection", "keep-alive", "proxy-connection", "expect", "upgrade");

    private Http10() {}

    static boolean isVersionOf(String requestLine) {
        return requestLine.endsWith(VERSION);
    }

    /** The same request in HTTP/1.1; {@code head} is whole and well-formed, with its empty line. */
    static byte[] translated(byte[] head) {
        List<String> lines = new String(head, ISO_8859_1).lines().toList();
        List<String> translated = new ArrayList<>();
        String first = lines.getFirst();
        translated.add(first.substring(0, first.length() - VERSION.length()) + " HTTP/1.1");
        boolean hasHost = false;
        for (String line : lines.subList(1, lines.size() - 1)) {
            String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
            hasHost |= name.equals("host");
            if (!DROPPED.contains(name)) {
                translated.add(line);
            }
        }
        if (!hasHost) {
            // It was no part of 1.0. No browser omits it, so no page can have its host name forgotten.
            translated.add("Host: localhost");
        }
        translated.add("Connection: close");
        return (String.join("\r\n", translated) + "\r\n\r\n").getBytes(ISO_8859_1);
    }
}
