package dev.codeinterpreter.mcp.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.Arrays;
import java.util.Base64;

/** Bytes as base64, in pieces. */
public final class Base64Text {
    /** A multiple of three, so that only the last piece is padded. */
    private static final int PIECE = 3 * 1024;

    private Base64Text() {}

    public static void write(InputStream in, Writer target) throws IOException {
        byte[] piece = new byte[PIECE];
        int count = in.readNBytes(piece, 0, PIECE);
        while (count > 0) {
            byte[] encoded = Base64.getEncoder().encode(count == PIECE ? piece : Arrays.copyOf(piece, count));
            target.write(new String(encoded, ISO_8859_1));
            count = in.readNBytes(piece, 0, PIECE);
        }
    }
}
