package dev.codeinterpreter.http1;

import dev.codeinterpreter.logging.RequestId;
import io.helidon.http.Status;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request's head (RFC 9112, 2.1 to 6.3) while it arrives: kept as the bytes it consists of, at most 16 KiB, until it is
 * whole. Helidon would make an object of each field as it arrives, which takes ten times as much of the heap.
 *
 * <p>What two readers could understand differently is refused: lines that do not end with CRLF, folded lines, more than one
 * Content-Length, any Transfer-Encoding but {@code chunked}, and both together.
 */
public final class RequestHead {
    public static final int MAX_BYTES = 16 * 1024;

    /** Of the request line, CRLF included. */
    static final int MAX_LINE_BYTES = 14 << 10;

    /** Browsers and proxies send 20 to 40; Apache accepts 100, nginx 1000. */
    static final int MAX_FIELDS = 100;

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Status TOO_LARGE = Status.create(431, "Request Header Fields Too Large");
    private static final String HEAD = "HEAD ";
    private static final byte[] GET = {'G', 'E', 'T', ' '};
    private static final byte CR = '\r';
    private static final byte LF = '\n';

    private final ByteLine bytes = new ByteLine(MAX_BYTES);
    private int lineStart;
    private int lines;
    private boolean afterCr;
    private long contentLength = -1;
    private boolean chunked;
    private boolean http10;
    private boolean absolute;
    private boolean headOnly;
    private int requestIds;
    private @Nullable String requestId;

    /**
     * Takes the next byte.
     *
     * @return whether it was the last one
     * @throws RefusedRequestException when there cannot be a head any more
     */
    boolean add(byte value) {
        if (!bytes.add(value)) {
            throw tooLong();
        }
        if (afterCr != (value == LF)) {
            throw RefusedRequestException.malformed(
                    "Line %d of the request head does not end with CRLF".formatted(lines + 1));
        }
        if (afterCr) {
            afterCr = false;
            return endLine();
        }
        afterCr = value == CR;
        if (lines == 0 && bytes.length() >= MAX_LINE_BYTES) {
            throw tooLong();
        }
        return false;
    }

    /** The bytes of a whole head, in HTTP/1.1, with a path for its target, and with GET for HEAD. */
    byte[] release() {
        byte[] head = bytes.release();
        if (absolute) {
            head = AbsoluteForm.translated(head);
        }
        if (http10) {
            head = Http10.translated(head);
        }
        if (headOnly) {
            byte[] get = new byte[head.length - 1];
            System.arraycopy(GET, 0, get, 0, GET.length);
            System.arraycopy(head, HEAD.length(), get, GET.length, head.length - HEAD.length());
            head = get;
        }
        return head;
    }

    /** Whether the method is HEAD, so that the answer is that to GET without its body. Also of a head that is refused. */
    boolean isHeadOnly() {
        return headOnly;
    }

    boolean isChunked() {
        return chunked;
    }

    /** The request's id, as the client sent it; null when there is none, or more than one. Also of a head that is refused. */
    @Nullable
    String requestId() {
        return requestIds == 1 ? requestId : null;
    }

    /** Zero without a body of known length. */
    long contentLength() {
        return Math.max(0, contentLength);
    }

    private boolean endLine() {
        String line = bytes.text(lineStart, bytes.length() - 2);
        lineStart = bytes.length();
        if (line.isEmpty() && lines > 0) {
            if (chunked && contentLength >= 0) {
                throw RefusedRequestException.malformed("Content-Length and Transfer-Encoding exclude each other");
            }
            return true;
        }
        if (lines > MAX_FIELDS) {
            throw new RefusedRequestException(
                    TOO_LARGE, "Request exceeds maximum of %d header fields".formatted(MAX_FIELDS));
        }
        if (lines > 0) {
            read(FieldLine.parse(line, lines));
        } else {
            http10 = Http10.isVersionOf(line);
            absolute = AbsoluteForm.isTargetOf(line);
            headOnly = line.startsWith(HEAD);
        }
        lines++;
        return false;
    }

    private void read(FieldLine field) {
        if (field.isNamed("Content-Length")) {
            if (contentLength >= 0 || !LENGTH.matcher(field.value()).matches()) {
                throw RefusedRequestException.malformed("Content-Length is malformed");
            }
            contentLength = Long.parseLong(field.value());
        } else if (field.isNamed("Transfer-Encoding")) {
            if (chunked || !field.value().equalsIgnoreCase("chunked")) {
                throw RefusedRequestException.malformed("Transfer-Encoding must be chunked");
            }
            if (http10) {
                throw RefusedRequestException.malformed("HTTP/1.0 has no Transfer-Encoding");
            }
            chunked = true;
        } else if (field.isNamed(RequestId.HEADER)) {
            requestIds++;
            requestId = field.value();
        }
    }

    private RefusedRequestException tooLong() {
        return lines == 0
                ? new RefusedRequestException(
                        Status.REQUEST_URI_TOO_LONG_414,
                        "Request line exceeds maximum of %d bytes".formatted(MAX_LINE_BYTES))
                : new RefusedRequestException(
                        TOO_LARGE, "Request head exceeds maximum of %d bytes".formatted(MAX_BYTES));
    }
}
