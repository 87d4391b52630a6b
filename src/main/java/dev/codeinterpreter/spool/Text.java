package dev.codeinterpreter.spool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** A string of a request, in memory or, when it is long, on disk for as long as its {@link Spool} is open. */
public sealed interface Text permits InMemoryText, SpooledText {

    /** A text that came some other way. */
    static Text of(String text) {
        return new InMemoryText(text);
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
}
