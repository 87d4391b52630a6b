package dev.codeinterpreter.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** A string of a request, in memory or, when it is long, on disk for as long as its {@link Spool} is open. */
public sealed interface Text {

    /** A text that came some other way. */
    static Text of(String text) {
        return new InMemory(text);
    }

    /** Bytes of the text in UTF-8. */
    long utf8Length();

    /** The text in UTF-8, from its beginning each time; the caller closes it. */
    InputStream open();

    /** All of it, in the heap: for texts whose length has been checked. */
    default String read() {
        try (InputStream in = open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }

    /** All of it in the heap. */
    record InMemory(String value) implements Text {

        @Override
        public long utf8Length() {
            return value.codePoints().mapToLong(Utf8::length).sum();
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        /** Never the content: texts are programs and their inputs, and may end in a log. */
        @Override
        public String toString() {
            return "Text[%d characters]".formatted(value.length());
        }
    }

    /**
     * A slice of the spool.
     *
     * @param loneSurrogate the string had half of a surrogate pair, U+FFFD stands in its place
     */
    record Spooled(Spool spool, long start, long utf8Length, boolean loneSurrogate) implements Text {

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
}
