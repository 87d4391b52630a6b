package dev.codeinterpreter.trace;

import java.util.Optional;

/** Begins the spans of requests. */
public interface RequestTracer extends AutoCloseable {

    /** Begins a request's span; the caller closes it. */
    Span begin(String name, Optional<RemoteParent> parent);

    /** Sends what is left, for some seconds at most. */
    @Override
    void close();
}
