package dev.codeinterpreter.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

/** UTF-8 as CPython decodes it with {@code errors="replace"}. */
final class Utf8Text {
    private static final byte FIRST_OF_A_SURROGATE = (byte) 0xED;
    private static final byte NEVER_IN_UTF8 = (byte) 0xFF;

    private Utf8Text() {}

    /** The first {@code length} of {@code bytes}; what is not UTF-8 becomes U+FFFD. Changes the array. */
    static String decode(byte[] bytes, int length) {
        splitSurrogates(bytes, length);
        return new String(bytes, 0, length, UTF_8);
    }

    /** Java takes an encoded surrogate for one malformed character, CPython for three malformed bytes. */
    static void splitSurrogates(byte[] bytes, int length) {
        for (int i = 0; i + 1 < length; i++) {
            if (bytes[i] == FIRST_OF_A_SURROGATE && (bytes[i + 1] & 0xE0) == 0xA0) {
                bytes[i] = NEVER_IN_UTF8;
            }
        }
    }
}
