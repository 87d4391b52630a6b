package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import io.helidon.http.RequestException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * A request's body as it arrives, refused as soon as it is over its limit. A connection that ends early is a {@link
 * ClientGoneException}: the web server throws exceptions of half a dozen types then, most of them unchecked. One that is
 * malformed is refused with what is wrong.
 */
public final class BoundedBody extends InputStream {
    private final InputStream source;
    private final long most;
    private final Supplier<ServiceException> refusal;
    private long count;

    /** Passes {@code most} bytes on, and throws what {@code refusal} gives when there are more. */
    public BoundedBody(InputStream source, long most, Supplier<ServiceException> refusal) {
        this.source = source;
        this.most = most;
        this.refusal = refusal;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int bytes = receive(target, offset, length);
        count += Math.max(0, bytes);
        if (count > most) {
            throw refusal.get();
        }
        return bytes;
    }

    private int receive(byte[] target, int offset, int length) {
        try {
            return source.read(target, offset, length);
        } catch (RequestException e) {
            throw new ServiceException(ErrorCode.MALFORMED_BODY, String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            throw new ClientGoneException(e);
        }
    }
}
