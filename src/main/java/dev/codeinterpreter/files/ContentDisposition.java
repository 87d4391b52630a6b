package dev.codeinterpreter.files;

import java.nio.charset.StandardCharsets;

/** The header under which a file is downloaded, for any name (RFC 6266): a plain fallback, and the name itself. */
final class ContentDisposition {
    private static final String UNRESERVED = "!#$&+-.^_`|~";
    private static final String NOT_IN_FALLBACK = "\"\\%/;";
    private static final int MAX_FALLBACK_LENGTH = 120;
    /** Bytes of the name before they are escaped: three times as many must fit into the header lines of any proxy. */
    private static final int MAX_NAME_LENGTH = 1024;

    private ContentDisposition() {}

    static String attachment(String name) {
        return "attachment; filename=\"%s\"; filename*=UTF-8''%s".formatted(fallback(name), escaped(name));
    }

    private static String fallback(String name) {
        StringBuilder plain = new StringBuilder();
        name.codePoints()
                .limit(MAX_FALLBACK_LENGTH)
                .map(c -> c < 0x20 || c > 0x7E || NOT_IN_FALLBACK.indexOf(c) >= 0 ? '_' : c)
                .forEach(plain::appendCodePoint);
        return plain.isEmpty() ? "file" : plain.toString();
    }

    /** RFC 5987: everything but its attr-char as percent and two digits, for each byte of UTF-8. */
    private static String escaped(String name) {
        StringBuilder escaped = new StringBuilder();
        int bytes = 0;
        for (int c : (Iterable<Integer>) name.codePoints()::iterator) {
            byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
            bytes += utf8.length;
            if (bytes > MAX_NAME_LENGTH) {
                break;
            }
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                escaped.append((char) c);
            } else {
                for (byte b : utf8) {
                    escaped.append("%%%02X".formatted(b & 0xFF));
                }
            }
        }
        return escaped.isEmpty() ? "file" : escaped.toString();
    }
}
