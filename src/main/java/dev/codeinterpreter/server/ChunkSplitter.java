package dev.codeinterpreter.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import java.util.function.Supplier;

/**
 * Lets Helidon take a large chunk of a body for many small ones. It reads each chunk into the heap before it gives any of
 * it away, and the client alone says how large a chunk is.
 *
 * <p>Theory of operation: Helidon 4.4 reads a chunk as a line that holds its size, the bytes, and two more that end it. It
 * reads lines for nothing else. A size over the limit is told as the limit; the end of such a piece is not skipped, since
 * it is not there, and the next line is made up until the chunk is used up.
 */
final class ChunkSplitter extends DataReader {
    private static final int LARGEST_PIECE = 16 * 1024;

    private int left;
    private boolean pieceRead;

    /** Helidon means to close the constructor to others one day; by then it has to read chunks in pieces itself. */
    @SuppressWarnings("removal")
    ChunkSplitter(Supplier<byte[]> source) {
        super(source);
    }

    @Override
    public String readLine() {
        return left > 0 ? piece() : split(super.readLine());
    }

    @Override
    public BufferData readBuffer(int length) {
        // Skips by itself, which is not the skip that is meant below.
        pieceRead = false;
        BufferData data = super.readBuffer(length);
        pieceRead = left > 0;
        return data;
    }

    @Override
    public void skip(int length) {
        if (pieceRead) {
            pieceRead = false;
        } else {
            super.skip(length);
        }
    }

    private String split(String line) {
        try {
            left = Integer.parseInt(line, 16);
        } catch (NumberFormatException e) {
            // Helidon judges it.
            left = 0;
        }
        if (left <= LARGEST_PIECE) {
            left = 0;
            return line;
        }
        return piece();
    }

    private String piece() {
        int size = Math.min(left, LARGEST_PIECE);
        left -= size;
        return Integer.toHexString(size);
    }
}
