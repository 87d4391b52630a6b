package dev.codeinterpreter.mcp.tool;

/**
 * Some lines of a text that arrives in pieces: from {@code offset} on, counted from 1, as many as are asked for and fit. What
 * does not fit begins the next window; a line that is longer than all of it is cut.
 */
final class LineWindow {
    private final int offset;
    private final int maxLines;
    private final int maxChars;
    private final StringBuilder text = new StringBuilder();
    /** Of {@link #text}, what is whole lines. */
    private int whole;

    private int lines;
    private long current = 1;
    private boolean over;
    private boolean lineCut;

    LineWindow(int offset, int maxLines, int maxChars) {
        this.offset = offset;
        this.maxLines = maxLines;
        this.maxChars = maxChars;
    }

    /** False when no more is needed. */
    boolean append(CharSequence piece) {
        for (int i = 0; i < piece.length() && !over; i++) {
            append(piece.charAt(i));
        }
        return !over;
    }

    private void append(char c) {
        if (current < offset) {
            current += c == '\n' ? 1 : 0;
            return;
        }
        if (lines == maxLines) {
            over = true;
            return;
        }
        if (text.length() == maxChars) {
            over = true;
            if (whole == 0) {
                lineCut = true;
                lines++;
                current++;
            } else {
                text.setLength(whole);
            }
            return;
        }
        text.append(c);
        if (c == '\n') {
            lines++;
            current++;
            whole = text.length();
        }
    }

    String text() {
        int end = text.length();
        return end > 0 && Character.isHighSurrogate(text.charAt(end - 1))
                ? text.substring(0, end - 1)
                : text.toString();
    }

    /** Whether there is more behind it. */
    boolean hasMore() {
        return over;
    }

    /** The line with which the next window begins. */
    long next() {
        return current;
    }

    /** Whether a line was cut, the only one. */
    boolean isLineCut() {
        return lineCut;
    }
}
