package dev.codeinterpreter.trace;

/** Spans of one thread that follow each other: each ends when the next one begins, the last one when this is closed. */
public final class Phases implements AutoCloseable {
    private Span phase = Span.NONE;

    Phases() {}

    public void enter(String name) {
        phase.close();
        phase = Tracing.begin(name);
    }

    /** The one that has begun last. */
    public Span current() {
        return phase;
    }

    @Override
    public void close() {
        phase.close();
    }
}
