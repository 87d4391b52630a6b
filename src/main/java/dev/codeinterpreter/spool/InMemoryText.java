package dev.codeinterpreter.spool;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

public record InMemoryText(String value) implements Text {

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
