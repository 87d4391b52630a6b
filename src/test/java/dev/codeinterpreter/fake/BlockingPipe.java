package dev.codeinterpreter.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Bytes from any thread to any other, without a bound: what tests send is small. */
final class BlockingPipe {
    private static final byte[] END = {};

    /**
     * Bytes. Only the runner's code is larger, which is never changed: to copy it for each sandbox was nearly half of the
     * time that a benchmark measured.
     */
    private static final int MAX_COPIED = 1 << 17;

    private final BlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>();
    private byte @Nullable [] current;
    private int position;
    private volatile boolean closed;

    void close() {
        closed = true;
        pieces.add(END);
    }

    InputStream source() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            // Without a copy: most of what a sandbox is sent is the runner's code, which the fake one does not read.
            @Override
            public long skip(long length) throws IOException {
                byte[] piece = current;
                if (piece == null || position == piece.length) {
                    return super.skip(length);
                }
                int count = (int) Math.min(length, piece.length - position);
                position += count;
                return count;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                byte[] piece = current;
                while (piece == null || position == piece.length) {
                    piece = next();
                    if (piece.length == 0) {
                        return -1;
                    }
                    current = piece;
                    position = 0;
                }
                int count = Math.min(length, piece.length - position);
                System.arraycopy(piece, position, bytes, offset, count);
                position += count;
                return count;
            }
        };
    }

    OutputStream sink() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (closed) {
                    throw new IOException("closed");
                }
                if (length > 0) {
                    pieces.add(
                            length == bytes.length && length > MAX_COPIED
                                    ? bytes
                                    : Arrays.copyOfRange(bytes, offset, offset + length));
                }
            }
        };
    }

    private byte[] next() throws IOException {
        try {
            byte[] piece = pieces.take();
            if (piece.length == 0) {
                pieces.add(END); // for the next read
            }
            return piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
