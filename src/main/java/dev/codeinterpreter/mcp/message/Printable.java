package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.spool.Utf8;

/** What a client sent, as an error repeats it. */
public final class Printable {
    private static final int MAX_LENGTH = 200;

    private Printable() {}

    /** At most 200 characters, without control characters and halves of surrogate pairs. */
    public static String cut(String text) {
        String start = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "..." : text;
        String plain = start.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return Utf8.hasLoneSurrogate(plain) ? "?" : plain;
    }
}
