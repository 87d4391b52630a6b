package dev.codeinterpreter.spool;

/** The arithmetic of UTF-8. */
public final class Utf8 {
    static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /** Bytes of one code point. */
    static int length(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }

    /** Whether a surrogate stands without its other half, so that the text has no form in UTF-8. */
    public static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(Utf8::isSurrogate);
    }

    /** The text with U+FFFD in place of each lone surrogate. */
    public static String withoutLoneSurrogates(String text) {
        if (!hasLoneSurrogate(text)) {
            return text;
        }
        StringBuilder whole = new StringBuilder(text.length());
        text.codePoints().map(c -> isSurrogate(c) ? REPLACEMENT : c).forEach(whole::appendCodePoint);
        return whole.toString();
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
