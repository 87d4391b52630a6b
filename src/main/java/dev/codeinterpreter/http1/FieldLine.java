package dev.codeinterpreter.http1;

import java.util.regex.Pattern;

/**
 * One line of a header or of a trailer (RFC 9112, 5): {@code name: value}. Neither a space before the colon nor a line that
 * continues the one before it is accepted, since two readers may understand them differently.
 */
record FieldLine(String name, String value) {
    /** A name (RFC 9110, 5.6.2), as a regular expression. */
    static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";

    private static final Pattern NAME = Pattern.compile(TOKEN);
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*+");

    /**
     * @param number of the line, for the message
     * @throws RefusedRequestException unless {@code line} is a field
     */
    static FieldLine parse(String line, int number) {
        int colon = line.indexOf(':');
        if (colon < 0
                || !NAME.matcher(line).region(0, colon).matches()
                || !VALUE.matcher(line).region(colon + 1, line.length()).matches()) {
            throw RefusedRequestException.malformed("Header field %d is malformed".formatted(number));
        }
        return new FieldLine(line.substring(0, colon), line.substring(colon + 1).strip());
    }

    boolean isNamed(String other) {
        return name.equalsIgnoreCase(other);
    }
}
