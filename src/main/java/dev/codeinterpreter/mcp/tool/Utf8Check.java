package dev.codeinterpreter.mcp.tool;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/** Passes bytes on, and knows whether all of them are a text: UTF-8 without NUL. */
final class Utf8Check extends FilterOutputStream {
    private static final int PIECE = 4 * 1024;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer characters = CharBuffer.allocate(PIECE + 4);
    /** The beginning of a character whose rest has not come yet. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    private boolean text = true;

    Utf8Check(OutputStream target) {
        super(target);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        for (int from = offset; from < offset + length && text; from += PIECE) {
            check(ByteBuffer.wrap(bytes, from, Math.min(PIECE, offset + length - from)));
        }
    }

    boolean isText() {
        return text && !rest.hasRemaining();
    }

    private void check(ByteBuffer piece) {
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + piece.remaining())
                .put(rest)
                .put(piece)
                .flip();
        characters.clear();
        text = !decoder.decode(in, characters, false).isError();
        characters.flip();
        text = text && characters.chars().noneMatch(c -> c == 0);
        rest = in;
    }
}
