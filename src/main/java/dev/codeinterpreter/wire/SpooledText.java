package dev.codeinterpreter.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A slice of the spool.
 *
 * @param loneSurrogate the string had half of a surrogate pair, U+FFFD stands in its place
 */
record SpooledText(Spool spool, long start, long utf8Length, boolean loneSurrogate) implements Text {

    @Override
    public InputStream open() {
        return new Slice();
    }

    /** The beginning, for an error's echo; about {@code bytes} of it, cut in the middle of a character perhaps. */
    String prefix(int bytes) {
        try (InputStream in = open()) {
            return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "Text[%d bytes on disk]".formatted(utf8Length);
    }

    private final class Slice extends InputStream {
        private long position = start;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int wanted = (int) Math.min(length, start + utf8Length - position);
            if (wanted == 0) {
                return length == 0 ? 0 : -1;
            }
            int count = spool.read(ByteBuffer.wrap(target, offset, wanted), position);
            if (count < 0) {
                throw new IOException("the spool ends at %d before the text does".formatted(position));
            }
            position += count;
            return count;
        }
    }
}
