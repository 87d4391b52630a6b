package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;

/** A body as it arrives, refused as soon as it is over the limit. */
final class BoundedBody extends InputStream {
    private final InputStream source;
    private final long most;
    private long count;

    BoundedBody(InputStream source, long most) {
        this.source = source;
        this.most = most;
    }

    static ServiceException tooLarge(long most) {
        return new ServiceException(ErrorCode.TOO_LARGE, "Request body exceeds maximum of %d MB".formatted(most >> 20));
    }

    @Override
    public int read() throws IOException {
        int value = source.read();
        counted(value < 0 ? -1 : 1);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return counted(source.read(target, offset, length));
    }

    private int counted(int bytes) {
        count += Math.max(0, bytes);
        if (count > most) {
            throw tooLarge(most);
        }
        return bytes;
    }
}
