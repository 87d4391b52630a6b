package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The engine sends both output streams of a container through one connection, in pieces with a header: stream (1 byte),
 * three zeros, length (4 bytes, big endian). This gives the bytes of standard output and keeps the tail of standard error.
 */
final class StandardOutput extends InputStream {
    private static final int STDERR = 2;
    private static final int HEADER = 8;
    private static final int TAIL = 512;

    private final InputStream engine;
    private final byte[] tail = new byte[TAIL];
    private volatile int tailLength;
    private int left;

    StandardOutput(InputStream engine) {
        this.engine = engine;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (left == 0) {
            if (!nextPiece()) {
                return -1;
            }
        }
        int count = engine.read(bytes, offset, Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the engine broke off in the middle of a piece");
        }
        left -= count;
        return count;
    }

    @Override
    public int available() throws IOException {
        return Math.min(left, engine.available());
    }

    /** The last bytes of standard error. */
    String diagnostics() {
        return new String(tail, 0, tailLength, UTF_8);
    }

    private boolean nextPiece() throws IOException {
        byte[] header = engine.readNBytes(HEADER);
        if (header.length < HEADER) {
            return false;
        }
        int length = ByteBuffer.wrap(header).getInt(4);
        if (length < 0) {
            throw new IOException("a piece of %d bytes".formatted(Integer.toUnsignedLong(length)));
        }
        if (header[0] == STDERR) {
            keepTail(length);
        } else {
            left = length;
        }
        return true;
    }

    private void keepTail(int length) throws IOException {
        engine.skipNBytes(Math.max(0, length - TAIL));
        byte[] piece = engine.readNBytes(Math.min(length, TAIL));
        int kept = Math.min(tailLength, TAIL - piece.length);
        System.arraycopy(tail, tailLength - kept, tail, 0, kept);
        System.arraycopy(piece, 0, tail, kept, piece.length);
        tailLength = kept + piece.length;
    }
}
