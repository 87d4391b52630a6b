package dev.codeinterpreter.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A part of a file as a stream, which leaves the file's own position alone. */
final class FileSlice extends InputStream {
    private final Source source;
    private final long end;
    private long position;

    /** Reads as {@link java.nio.channels.FileChannel#read(ByteBuffer, long)} does. */
    interface Source {
        int read(ByteBuffer target, long position) throws IOException;
    }

    FileSlice(Source source, long start, long length) {
        this.source = source;
        this.position = start;
        this.end = start + length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int wanted = (int) Math.min(length, end - position);
        if (wanted == 0) {
            return length == 0 ? 0 : -1;
        }
        int count = source.read(ByteBuffer.wrap(target, offset, wanted), position);
        if (count < 0) {
            throw new IOException("the file ends at %d instead of %d".formatted(position, end));
        }
        position += count;
        return count;
    }
}
