package dev.codeinterpreter.execution;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 in pieces, as {@link Utf8Text} decodes it in one: a character that is split between two of them comes out whole, what is not UTF-8 as U+FFFD. */
final class TextDecoder {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /** The beginning of a character whose rest has not come yet: three bytes at most. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    CharSequence decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + bytes.length)
                .put(rest)
                .put(bytes)
                .flip();
        Utf8Text.splitSurrogates(in.array(), in.limit());
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, out, false);
        rest = in;
        return out.flip();
    }

    /** Whether a character has begun whose rest has not come yet. */
    boolean isInsideCharacter() {
        return rest.hasRemaining();
    }

    /** What is left when nothing more comes. */
    CharSequence end() {
        CharBuffer out = CharBuffer.allocate(rest.remaining() + 4);
        decoder.decode(rest, out, true);
        decoder.flush(out);
        return out.flip();
    }
}
