package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/** Collects the bytes of a line, up to a bound. */
final class ByteLine {
    private static final int INITIAL = 32;

    private final int max;
    private byte[] bytes = {};
    private int length;

    ByteLine(int max) {
        this.max = max;
    }

    /** @return false when the line is full */
    boolean add(byte value) {
        if (length == max) {
            return false;
        }
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(max, Math.max(INITIAL, 2 * length)));
        }
        bytes[length++] = value;
        return true;
    }

    int length() {
        return length;
    }

    /** The line's text, a character for each byte. */
    String text(int from, int to) {
        return new String(bytes, from, to - from, ISO_8859_1);
    }

    /** What was collected, and an empty line after it. */
    byte[] release() {
        byte[] content = Arrays.copyOf(bytes, length);
        clear();
        return content;
    }

    void clear() {
        length = 0;
        bytes = new byte[0];
    }
}
