package dev.codeinterpreter.trace;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work with its duration; closing it ends it. Names and attributes never hold code, input, output, names of
 * files, ids of files or sessions, or credentials. Safe for use by many threads.
 */
public interface Span extends AutoCloseable {
    /** Where nothing is traced. */
    Span NONE = new Untraced();

    /** Begins a part of this one; the caller closes it. {@link Tracing#begin} also makes it the current one. */
    Span child(String name);

    /**
     * As {@link #child}, but a part of what a message names as its parent, such as {@code _meta.traceparent} of MCP; linked
     * with this one. A part of this one when {@code parent} is malformed.
     */
    Span childOf(String name, RemoteParent parent);

    /** @param value which is cut to 256 characters */
    Span set(String key, String value);

    Span set(String key, long value);

    /** @param type of the failure: one of a small number of words */
    void fail(String type);

    /** {@code traceparent} and, if there is one, {@code tracestate}, for a request that is sent for this piece of work. */
    Map<String, String> headers();

    /** 32 hexadecimal digits, of a trace that nobody records too; null where nothing is traced. */
    @Nullable
    String traceId();

    @Override
    void close();

    /** Does nothing. */
    class Untraced implements Span {
        @Override
        public Span child(String name) {
            return this;
        }

        @Override
        public Span childOf(String name, RemoteParent parent) {
            return this;
        }

        @Override
        public Span set(String key, String value) {
            return this;
        }

        @Override
        public Span set(String key, long value) {
            return this;
        }

        @Override
        public void fail(String type) {}

        @Override
        public Map<String, String> headers() {
            return Map.of();
        }

        @Override
        public @Nullable String traceId() {
            return null;
        }

        @Override
        public void close() {}
    }
}
