package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chunked body (RFC 9112, 7.1) in chunks of our own: a client alone says how large its chunks are, and Helidon reads each
 * into the heap before it gives any of it away, and lines without a bound. What goes on from here has neither extensions
 * nor trailers, and its chunks are as small as the pieces in which the body arrives.
 */
final class ChunkedBody {
    /** Of the line that begins a chunk, and of one trailer. */
    static final int MAX_LINE_BYTES = 1024;

    /** Of a body's extensions and trailers together; each byte of the body allows another one. */
    static final int MAX_EXTRA_BYTES = 16 * 1024;

    private static final String QUOTED =
            "\"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*+\"";
    private static final Pattern SIZE = Pattern.compile("([0-9A-Fa-f]{1,16})(.*)", Pattern.DOTALL);
    private static final Pattern EXTENSION = Pattern.compile(
            "[\\t ]*+;[\\t ]*+%s(?:[\\t ]*+=[\\t ]*+(?:%s|%s))?".formatted(FieldLine.TOKEN, FieldLine.TOKEN, QUOTED));
    private static final byte[] END = "0\r\n\r\n".getBytes(US_ASCII);

    private final ClientBytes client;
    private final ByteLine line = new ByteLine(MAX_LINE_BYTES);
    /** Of the chunk. */
    private long left;

    private long extra = MAX_EXTRA_BYTES;
    private boolean ended;

    ChunkedBody(ClientBytes client) {
        this.client = client;
    }

    /** Whether the last chunk and the trailers have been read. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * The next chunk, with its framing. Blocks until there is one.
     *
     * @throws RefusedRequestException when the client's framing is malformed, or too much of it beside the body
     */
    byte[] next() {
        if (left == 0) {
            left = size(line());
            if (left == 0) {
                discardTrailers();
                ended = true;
                return END;
            }
        }
        byte[] data = client.take(left, Waiting.BODY);
        left -= data.length;
        extra = Math.min(Integer.MAX_VALUE, extra + data.length);
        if (left == 0 && !line().isEmpty()) {
            throw malformed();
        }
        return chunk(data);
    }

    private long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw malformed();
        }
        Matcher extension = EXTENSION.matcher(matcher.group(2));
        int end = 0;
        while (end < matcher.group(2).length()) {
            extension.region(end, matcher.group(2).length());
            if (!extension.lookingAt()) {
                throw malformed();
            }
            end = extension.end();
        }
        use(end);
        long size = Long.parseUnsignedLong(matcher.group(1), 16);
        if (size < 0) {
            throw malformed();
        }
        return size;
    }

    private void discardTrailers() {
        int number = 0;
        for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
            number++;
            if (number > RequestHead.MAX_FIELDS) {
                throw RefusedRequestException.malformed(
                        "Request exceeds maximum of %d trailers".formatted(RequestHead.MAX_FIELDS));
            }
            use(trailer.length());
            Object _ = FieldLine.parse(trailer, number);
        }
    }

    private void use(int bytes) {
        extra -= bytes;
        if (extra < 0) {
            throw RefusedRequestException.malformed(
                    "Chunk extensions and trailers exceed maximum of %d bytes".formatted(MAX_EXTRA_BYTES));
        }
    }

    /** Up to CRLF, without it. */
    private String line() {
        while (true) {
            byte value = client.next(Waiting.BODY);
            if (value == '\n') {
                throw malformed();
            }
            if (value == '\r') {
                if (client.next(Waiting.BODY) != '\n') {
                    throw malformed();
                }
                String text = line.text(0, line.length());
                line.clear();
                return text;
            }
            if (!line.add(value)) {
                throw RefusedRequestException.malformed(
                        "A line of the chunked body exceeds maximum of %d bytes".formatted(MAX_LINE_BYTES));
            }
        }
    }

    private static byte[] chunk(byte[] data) {
        byte[] head = (Integer.toHexString(data.length) + "\r\n").getBytes(US_ASCII);
        byte[] chunk = new byte[head.length + data.length + 2];
        System.arraycopy(head, 0, chunk, 0, head.length);
        System.arraycopy(data, 0, chunk, head.length, data.length);
        chunk[chunk.length - 2] = '\r';
        chunk[chunk.length - 1] = '\n';
        return chunk;
    }

    private static RefusedRequestException malformed() {
        return RefusedRequestException.malformed("The chunked body is malformed");
    }
}
