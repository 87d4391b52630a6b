package dev.codeinterpreter.trace;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A span that is the current one of the thread that made this, until that thread closes it. */
final class CurrentSpan implements Span {
    private final Span span;
    private final ThreadLocal<Span> current;
    private final Span before;

    CurrentSpan(Span span, ThreadLocal<Span> current) {
        this.span = span;
        this.current = current;
        this.before = current.get();
        current.set(span);
    }

    @Override
    public Span child(String name) {
        return span.child(name);
    }

    @Override
    public Span childOf(String name, RemoteParent parent) {
        return span.childOf(name, parent);
    }

    @Override
    public Span set(String key, String value) {
        return span.set(key, value);
    }

    @Override
    public Span set(String key, long value) {
        return span.set(key, value);
    }

    @Override
    public void fail(String type) {
        span.fail(type);
    }

    @Override
    public Map<String, String> headers() {
        return span.headers();
    }

    @Override
    public @Nullable String traceId() {
        return span.traceId();
    }

    @Override
    public void close() {
        current.set(before);
        span.close();
    }
}
