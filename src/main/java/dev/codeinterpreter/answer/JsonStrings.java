package dev.codeinterpreter.answer;

import dev.codeinterpreter.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.Arrays;

/** JSON strings that are made of bytes, in pieces; what is not UTF-8 becomes U+FFFD. */
public final class JsonStrings {
    /** Bytes that are decoded at once: an answer that waits for its client holds some six times as many. */
    private static final int PIECE = 4 * 1024;

    private JsonStrings() {}

    /**
     * Writes the string.
     *
     * @param length bytes of {@code in} that it has
     * @param tail stands behind them
     */
    public static void write(InputStream in, long length, String tail, Writer json) throws IOException {
        long left = length;
        Utf8Decoder decoder = new Utf8Decoder();
        byte[] piece = new byte[(int) Math.min(left, PIECE)];
        json.write('"');
        while (left > 0) {
            int count = in.readNBytes(piece, 0, (int) Math.min(left, piece.length));
            JsonText.escape(decoder.decode(Arrays.copyOf(piece, count)), json);
            left -= count;
        }
        JsonText.escape(decoder.end(), json);
        JsonText.escape(tail, json);
        json.write('"');
    }
}
