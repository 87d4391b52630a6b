package dev.codeinterpreter.logging;

/** Which characters of a text are written to a log as they are. */
final class Characters {
    private Characters() {}

    /** Writes another form of a character. */
    interface Escape {
        void append(int codePoint, StringBuilder target);
    }

    /** Gives {@code text} with each character escaped that a terminal or a reader of lines obeys instead of showing it. */
    static String replace(String text, Escape escape) {
        if (text.codePoints().allMatch(Characters::isShown)) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(codePoint -> {
            if (isShown(codePoint)) {
                replaced.appendCodePoint(codePoint);
            } else {
                escape.append(codePoint, replaced);
            }
        });
        return replaced.toString();
    }

    private static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    // Half of a pair.
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
