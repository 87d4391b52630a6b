package dev.codeinterpreter.mcp.tool;

import java.util.Locale;

/**
 * Keeps the first and the last half of a text that arrives in pieces: the end matters most, as that is where a traceback
 * is. In the heap are as many characters as it keeps, however long the text is.
 */
final class HeadAndTail {
    private final int half;
    private final StringBuilder head = new StringBuilder();
    /** The last characters; up to as many again wait to be dropped together. */
    private final StringBuilder tail = new StringBuilder();

    private long count;

    /** @param limit characters that are kept; what is not longer is kept whole */
    HeadAndTail(int limit) {
        this.half = limit / 2;
    }

    void append(CharSequence text) {
        count += text.length();
        int toHead = Math.min(half - head.length(), text.length());
        head.append(text, 0, toHead);
        tail.append(text, toHead, text.length());
        if (tail.length() > 2 * half) {
            tail.delete(0, tail.length() - half);
        }
    }

    boolean isCut() {
        return count > 2L * half;
    }

    @Override
    public String toString() {
        if (!isCut()) {
            return head.toString() + tail;
        }
        int headEnd = head.length() - (Character.isHighSurrogate(head.charAt(head.length() - 1)) ? 1 : 0);
        int start = tail.length() - half;
        int tailStart = start + (Character.isLowSurrogate(tail.charAt(start)) ? 1 : 0);
        long left = count - headEnd - (tail.length() - tailStart);
        return head.substring(0, headEnd)
                + "\n[... %s characters left out ...]\n".formatted(String.format(Locale.ROOT, "%,d", left))
                + tail.substring(tailStart);
    }
}
