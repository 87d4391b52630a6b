package dev.codeinterpreter.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A slice of the spool.
 *
 * @param loneSurrogate the string had half of a surrogate pair, U+FFFD stands in its place
 */
public record SpooledText(Spool spool, long start, long utf8Length, boolean loneSurrogate) implements Text {

    @Override
    public InputStream open() {
        return new FileSlice(spool::read, start, utf8Length);
    }

    /** The beginning, for an error's echo; about {@code bytes} of it, cut in the middle of a character perhaps. */
    public String prefix(int bytes) {
        try (InputStream in = open()) {
            return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }

    @Override
    public String toString() {
        return "Text[%d bytes on disk]".formatted(utf8Length);
    }
}
