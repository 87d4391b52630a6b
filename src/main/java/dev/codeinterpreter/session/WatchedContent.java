package dev.codeinterpreter.session;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;

/** What a client sends into a session, counted by the watch over it. */
final class WatchedContent extends InputStream {
    private final InputStream source;
    private final TransferWatch watch;
    private volatile boolean waiting;

    WatchedContent(InputStream source, TransferWatch watch) {
        this.source = source;
        this.watch = watch;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        waiting = true;
        int count = source.read(target, offset, length);
        checkSpeed();
        waiting = false;
        watch.moved(Math.max(0, count));
        return count;
    }

    /** @throws ServiceException MALFORMED_BODY when the watch has ended the transfer while the client was waited for */
    void checkSpeed() {
        if (waiting && watch.isTooSlow()) {
            throw new ServiceException(ErrorCode.MALFORMED_BODY, "The request body arrived too slowly");
        }
    }
}
