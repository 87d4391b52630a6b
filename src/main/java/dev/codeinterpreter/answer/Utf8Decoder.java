package dev.codeinterpreter.answer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 in pieces, as CPython decodes it with {@code errors="replace"}: a character that is split between two pieces comes
 * out whole, what is not UTF-8 as U+FFFD.
 */
public final class Utf8Decoder {
    private static final byte FIRST_OF_A_SURROGATE = (byte) 0xED;
    private static final byte NEVER_IN_UTF8 = (byte) 0xFF;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /** The beginning of a character whose rest has not come yet: three bytes at most. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    public CharSequence decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + bytes.length)
                .put(rest)
                .put(bytes)
                .flip();
        splitSurrogates(in.array(), in.limit());
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
    public CharSequence end() {
        CharBuffer out = CharBuffer.allocate(rest.remaining() + 4);
        decoder.decode(rest, out, true);
        decoder.flush(out);
        return out.flip();
    }

    /** Java takes an encoded surrogate for one malformed character, CPython for three malformed bytes. */
    private static void splitSurrogates(byte[] bytes, int length) {
        for (int i = 0; i + 1 < length; i++) {
            if (bytes[i] == FIRST_OF_A_SURROGATE && (bytes[i + 1] & 0xE0) == 0xA0) {
                bytes[i] = NEVER_IN_UTF8;
            }
        }
    }
}
