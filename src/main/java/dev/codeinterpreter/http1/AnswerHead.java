package dev.codeinterpreter.http1;

import io.helidon.common.buffers.BufferData;

/**
 * The answer to a request with HEAD, out of the one to the same with GET: its heads, those of interim answers too, and
 * nothing of its body.
 */
public final class AnswerHead {
    private static final byte[] END = {'\r', '\n', '\r', '\n'};

    /** Of the status in {@code HTTP/1.1 200}; it is 1xx in an interim answer, which another one follows. */
    private static final int FIRST_DIGIT = "HTTP/1.1 ".length();

    /** Bytes: a body that is longer is not made to its end, which would cost us more than its client. */
    private static final int MAX_BODY = 64 << 10;

    private int position;
    private int matched;
    private boolean isInterim;
    private boolean hasEnded;
    private long body;

    /** What of {@code written} belongs to a head; all of it is read. */
    public BufferData of(BufferData written) {
        if (hasEnded) {
            body += written.available();
            written.skip(written.available());
            return BufferData.empty();
        }
        byte[] bytes = new byte[written.available()];
        int length = written.read(bytes);
        int end = 0;
        while (end < length && !hasEnded) {
            add(bytes[end]);
            end++;
        }
        body += length - end;
        return BufferData.create(bytes, 0, end);
    }

    /** Whether the head has been written, and so much of the body dropped that the connection is better closed. */
    public boolean isEnough() {
        return body > MAX_BODY;
    }

    private void add(byte value) {
        if (position == FIRST_DIGIT) {
            isInterim = value == '1';
        }
        position++;
        if (value == END[matched]) {
            matched++;
        } else {
            matched = value == END[0] ? 1 : 0;
        }
        if (matched == END.length) {
            hasEnded = !isInterim;
            position = 0;
            matched = 0;
        }
    }
}
