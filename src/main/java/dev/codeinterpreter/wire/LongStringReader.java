package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolWriter;
import dev.codeinterpreter.spool.Text;
import java.io.IOException;
import java.io.Reader;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the JSON parser and keeps long strings from it, because the parser would hold each of them in the heap
 * several times over.
 *
 * <p>Theory of operation: JSON passes unchanged, but each string literal is held back until it ends. One that grows over
 * the limit is unescaped to the spool instead, and the parser sees a placeholder in its place. A placeholder begins with
 * 128 random bits drawn for this body, so a client cannot write one. String literals are checked here, since the long
 * ones never reach the parser; a fault is raised only when the parser asks for what comes after the sound part, so that
 * an earlier mistake is the one that is reported.
 */
final class LongStringReader extends Reader {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Reader source;
    private final Spool spool;
    private final int longString;
    private final int mostCharacters;
    private final String nonce;
    private final List<Text.Spooled> texts = new ArrayList<>();
    private final List<Shift> shifts = new ArrayList<>();
    private final List<Long> literalStarts = new ArrayList<>();

    private final char[] input = new char[8192];
    private int next;
    private int end;
    /** Position of {@code input[next]} in the text without its byte order mark. */
    private long position;

    /** The literal that is held back, quotes included. */
    private final StringBuilder literal = new StringBuilder();

    private long literalStart;
    private @Nullable StringScanner scanner;
    private @Nullable SpoolWriter writer;

    private final StringBuilder output = new StringBuilder();
    private int delivered;
    private long emitted;
    private @Nullable MalformedJsonException fault;
    private boolean started;

    /** From {@code emitted} on, the parser's positions lack {@code missing} characters. */
    private record Shift(long emitted, long missing) {}

    LongStringReader(Reader source, Spool spool, int longString, int mostCharacters) {
        this.source = source;
        this.spool = spool;
        this.longString = longString;
        this.mostCharacters = mostCharacters;
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        this.nonce = HexFormat.of().formatHex(random);
    }

    /** The text that the parser's {@code string} stands for. */
    Text resolve(String string) {
        if (string.startsWith(nonce)) {
            return texts.get(Integer.parseInt(string, nonce.length(), string.length(), 10));
        }
        return new Text.InMemory(string);
    }

    /** Where something is in the text that was sent, given where the parser saw it. */
    long originalPosition(long seen) {
        long missing = 0;
        for (Shift shift : shifts) {
            if (shift.emitted() > seen) {
                break;
            }
            missing = shift.missing();
        }
        return seen + missing;
    }

    /** Where the last string literal before {@code position} begins, both as the text was sent. */
    long literalStartBefore(long position) {
        int found = Collections.binarySearch(literalStarts, position);
        int before = found >= 0 ? found - 1 : -found - 2;
        return before < 0 ? position : literalStarts.get(before);
    }

    /** Characters read so far. */
    long position() {
        return position;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        while (delivered == output.length()) {
            output.setLength(0);
            delivered = 0;
            if (fault != null) {
                throw fault;
            }
            if (next == end && !fill()) {
                return -1;
            }
            advance();
        }
        int count = Math.min(length, output.length() - delivered);
        output.getChars(delivered, delivered + count, target, offset);
        delivered += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private boolean fill() throws IOException {
        next = 0;
        end = Math.max(0, source.read(input));
        if (!started && end > 0) {
            started = true;
            next = input[0] == BYTE_ORDER_MARK ? 1 : 0;
        }
        if (end == 0 && scanner != null) {
            throw new MalformedJsonException("Unterminated string starting at", literalStart);
        }
        return end > 0;
    }

    private void advance() {
        try {
            while (next < end) {
                if (scanner == null) {
                    outside();
                } else {
                    inside(scanner);
                }
            }
        } catch (MalformedJsonException e) {
            fault = e;
        }
        emitted += output.length();
        if (emitted > mostCharacters) {
            throw new ServiceException(
                    ErrorCode.TOO_LARGE,
                    "Request body exceeds maximum of %d characters besides its long strings".formatted(mostCharacters));
        }
    }

    private void outside() {
        int quote = next;
        while (quote < end && input[quote] != '"') {
            quote++;
        }
        output.append(input, next, quote - next);
        position += quote - next;
        next = quote;
        if (quote < end) {
            literal.setLength(0);
            literal.append('"');
            literalStart = position;
            literalStarts.add(position);
            consume(1);
            scanner = new StringScanner(position, null);
        }
    }

    private void inside(StringScanner current) throws MalformedJsonException {
        int stop = current.scan(input, next, end);
        if (writer == null) {
            literal.append(input, next, stop - next);
        }
        consume(stop - next);
        if (writer == null && literal.length() > longString) {
            divert();
        }
        if (next < end) {
            // The scanner stopped at the closing quote.
            consume(1);
            finish();
        }
    }

    /** The literal is long: what is held back of it goes to the spool, and so will the rest. */
    private void divert() throws MalformedJsonException {
        SpoolWriter target = spool.writer();
        StringScanner spooling = new StringScanner(literalStart + 1, target);
        char[] held = new char[literal.length() - 1];
        literal.getChars(1, literal.length(), held, 0);
        spooling.scan(held, 0, held.length);
        scanner = spooling;
        writer = target;
        literal.setLength(0);
    }

    private void finish() {
        if (writer == null) {
            output.append(literal).append('"');
        } else {
            String placeholder = "\"%s%d\"".formatted(nonce, texts.size());
            texts.add(writer.finish());
            output.append(placeholder);
            long seen = emitted + output.length();
            shifts.add(new Shift(seen, position - seen));
        }
        scanner = null;
        writer = null;
    }

    private void consume(int count) {
        next += count;
        position += count;
    }
}
