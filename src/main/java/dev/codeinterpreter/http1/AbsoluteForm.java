package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests whose target is a whole URI, {@code GET http://host/path} (RFC 9112, 3.2.2), as clients send them to what they
 * take for a proxy, and which a server has to understand: each is read as one of the path, with the URI's host for its Host.
 */
final class AbsoluteForm {
    private static final Pattern LINE =
            Pattern.compile("(\\S+ )https?://([^/?# ]+)([^ ]*)( \\S+)", Pattern.CASE_INSENSITIVE);

    private AbsoluteForm() {}

    static boolean isTargetOf(String requestLine) {
        return LINE.matcher(requestLine).matches();
    }

    /** The same request in the form that every other one has; {@code head} is whole and well-formed, with its empty line. */
    static byte[] translated(byte[] head) {
        List<String> lines =
                new ArrayList<>(new String(head, ISO_8859_1).lines().toList());
        Matcher line = LINE.matcher(lines.getFirst());
        if (!line.matches()) {
            throw new IllegalArgumentException("the target is no URI");
        }
        String path = line.group(3).startsWith("/") ? line.group(3) : "/" + line.group(3);
        lines.set(0, line.group(1) + path + line.group(4));
        // The first only: a request with two of them stays one that is refused.
        String host = "Host: " + line.group(2);
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).regionMatches(true, 0, "Host:", 0, "Host:".length())) {
                lines.set(i, host);
                return bytes(lines);
            }
        }
        lines.add(1, host);
        return bytes(lines);
    }

    private static byte[] bytes(List<String> lines) {
        return (String.join("\r\n", lines) + "\r\n").getBytes(ISO_8859_1);
    }
}
