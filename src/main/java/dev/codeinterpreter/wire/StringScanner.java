package dev.codeinterpreter.wire;

import dev.codeinterpreter.spool.SpoolWriter;
import org.jspecify.annotations.Nullable;

/** Reads the inside of one string literal: checks it, finds its end, and unescapes it into a spool when it has one. */
final class StringScanner {
    private enum State {
        PLAIN,
        ESCAPE,
        UNICODE
    }

    private final @Nullable SpoolWriter target;
    private State state = State.PLAIN;
    private int unicode;
    private int digits;
    /** Where the scanner stands in the whole text. */
    private long position;

    /** A scanner that begins with the character at {@code position}, the one after the opening quote. */
    StringScanner(long position, @Nullable SpoolWriter target) {
        this.position = position;
        this.target = target;
    }

    /** Reads up to the closing quote, or to {@code to}; gives the index of the quote, or {@code to}. */
    int scan(char[] text, int from, int to) throws MalformedJsonException {
        int i = from;
        while (i < to) {
            int run = i;
            if (state == State.PLAIN) {
                while (run < to && text[run] != '"' && text[run] != '\\' && text[run] >= 0x20) {
                    run++;
                }
                if (target != null) {
                    target.append(text, i, run);
                }
                position += run - i;
                if (run == to || text[run] == '"') {
                    return run;
                }
            }
            special(text[run]);
            position++;
            i = run + 1;
        }
        return to;
    }

    private void special(char c) throws MalformedJsonException {
        switch (state) {
            case PLAIN -> {
                if (c != '\\') {
                    throw new MalformedJsonException("Invalid control character at", position);
                }
                state = State.ESCAPE;
            }
            case ESCAPE -> escape(c);
            case UNICODE -> hexDigit(c);
        }
    }

    private void escape(char c) throws MalformedJsonException {
        if (c == 'u') {
            state = State.UNICODE;
            unicode = 0;
            digits = 0;
            return;
        }
        put(
                switch (c) {
                    case '"', '\\', '/' -> c;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> throw new MalformedJsonException("Invalid \\escape", position - 1);
                });
        state = State.PLAIN;
    }

    private void hexDigit(char c) throws MalformedJsonException {
        int digit = c < 0x80 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
            throw new MalformedJsonException("Invalid \\uXXXX escape", position - digits - 1);
        }
        unicode = (unicode << 4) | digit;
        if (++digits == 4) {
            put((char) unicode);
            state = State.PLAIN;
        }
    }

    private void put(char c) {
        if (target != null) {
            target.append(c);
        }
    }
}
