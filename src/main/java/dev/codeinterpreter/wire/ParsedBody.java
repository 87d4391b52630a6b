package dev.codeinterpreter.wire;

import dev.codeinterpreter.spool.Spool;

/** What a body asks for. Its long texts are on disk until this is closed; nothing else is left of the body. */
public final class ParsedBody<T> implements AutoCloseable {
    private final T content;
    private final Spool texts;

    ParsedBody(T content, Spool texts) {
        this.content = content;
        this.texts = texts;
    }

    public T content() {
        return content;
    }

    @Override
    public void close() {
        texts.close();
    }
}
