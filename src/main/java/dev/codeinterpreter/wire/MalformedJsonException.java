package dev.codeinterpreter.wire;

import jakarta.json.stream.JsonParsingException;
import java.io.IOException;
import java.util.Objects;

/** Text that is not JSON; an I/O exception, so that it passes through the parser that pulls the text. */
final class MalformedJsonException extends IOException {
    private static final String EXPECTED = "Expected tokens are: ";

    private final long position;

    MalformedJsonException(String reason, long position) {
        super(reason);
        this.position = position;
    }

    /**
     * What the parser found, in the reference's words. Only its message tells what it had expected, and it has positions of
     * its own in there; the result is read by people, nothing is decided by it.
     */
    static MalformedJsonException of(JsonParsingException fault, LongStringReader text, boolean afterValue) {
        String message = Objects.requireNonNullElse(fault.getMessage(), "");
        MalformedJsonException malformed =
                new MalformedJsonException(reason(message, afterValue), position(message, fault, text));
        malformed.initCause(fault);
        return malformed;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    /** Characters before the fault. */
    long position() {
        return position;
    }

    private static String reason(String message, boolean afterValue) {
        if (afterValue) {
            return "Extra data";
        }
        int expected = message.indexOf(EXPECTED);
        String tokens = expected < 0 ? "" : message.substring(expected + EXPECTED.length());
        if (tokens.startsWith("[COLON")) {
            return "Expecting ':' delimiter";
        }
        if (tokens.startsWith("[COMMA")) {
            return "Expecting ',' delimiter";
        }
        if (tokens.startsWith("[STRING")) {
            return "Expecting property name enclosed in double quotes";
        }
        return "Expecting value";
    }

    private static long position(String message, JsonParsingException fault, LongStringReader text) {
        if (message.startsWith("Invalid token=EOF") || message.startsWith("Unexpected char -1")) {
            return text.position();
        }
        long position = text.originalPosition(fault.getLocation().getStreamOffset());
        // Of a string that should not be there the parser gives the end, of anything else the beginning.
        return message.startsWith("Invalid token=STRING") ? text.literalStartBefore(position) : position;
    }
}
