package dev.codeinterpreter.http1;

import dev.codeinterpreter.logging.RequestId;
import io.helidon.webserver.CloseConnectionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that Helidon gets to read of a connection: each request's head in one piece, its body with a framing of our own
 * and nothing beyond its end. So whatever Helidon reads up to a delimiter has one, not far away, and it cannot understand
 * where a request ends in another way than we do.
 */
public final class RequestBytes implements Supplier<byte[]> {
    private final ClientBytes client;
    /** Whether Helidon reads the beginning of a request. */
    private final BooleanSupplier beginning;

    private Waiting first = Waiting.FIRST_REQUEST;
    private long left;
    private @Nullable ChunkedBody chunks;
    private @Nullable RefusedRequestException refusal;
    private boolean headOnly;

    public RequestBytes(ByteSource source, BooleanSupplier beginning) {
        this.client = new ClientBytes(source);
        this.beginning = beginning;
    }

    /** Whether the client has sent what cannot be read, so that nothing after it can be. */
    public boolean hasRefused() {
        return refusal != null;
    }

    /** Whether the client asked for the head of the answer only, see {@link AnswerHead}. Its request is given with GET. */
    public boolean isHeadOnly() {
        return headOnly;
    }

    /** Whether all of the request has been given. */
    public boolean isRequestRead() {
        return left == 0 && chunks == null;
    }

    /**
     * Blocks until there is more.
     *
     * @throws RefusedRequestException when the request is malformed or too large, from then on each time
     */
    @Override
    public byte[] get() {
        if (refusal != null) {
            throw refusal;
        }
        try {
            boolean inBody = !isRequestRead();
            if (inBody && beginning.getAsBoolean()) {
                throw new CloseConnectionException("the body before this request was not read to its end");
            }
            return inBody ? body() : head();
        } catch (RefusedRequestException e) {
            refusal = e;
            throw e;
        }
    }

    private byte[] head() {
        RequestId.end();
        headOnly = false;
        RequestHead head = new RequestHead();
        Waiting reason = first;
        try {
            while (!head.add(client.next(reason))) {
                reason = Waiting.HEAD;
            }
        } finally {
            // Of a head that is refused, too.
            RequestId.begin(head.requestId());
            headOnly = head.isHeadOnly();
        }
        first = Waiting.NEXT_REQUEST;
        left = head.contentLength();
        chunks = head.isChunked() ? new ChunkedBody(client) : null;
        return head.release();
    }

    private byte[] body() {
        if (chunks != null) {
            byte[] chunk = chunks.next();
            if (chunks.hasEnded()) {
                chunks = null;
            }
            return chunk;
        }
        byte[] data = client.take(left, Waiting.BODY);
        left -= data.length;
        return data;
    }
}
