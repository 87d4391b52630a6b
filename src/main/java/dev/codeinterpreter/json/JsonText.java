package dev.codeinterpreter.json;

import java.io.IOException;

/** The inside of a JSON string, for strings that are written in pieces. */
public final class JsonText {
    private JsonText() {}

    /** Appends {@code text} with what JSON does not allow in a string escaped. */
    public static void escape(CharSequence text, Appendable target) throws IOException {
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\') {
                target.append(text, plain, i).append('\\');
                escape(c, target);
                plain = i + 1;
            }
        }
        target.append(text, plain, text.length());
    }

    private static void escape(char c, Appendable target) throws IOException {
        switch (c) {
            case '"', '\\' -> target.append(c);
            case '\b' -> target.append('b');
            case '\f' -> target.append('f');
            case '\n' -> target.append('n');
            case '\r' -> target.append('r');
            case '\t' -> target.append('t');
            default ->
                target.append("u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xF, 16));
        }
    }
}
