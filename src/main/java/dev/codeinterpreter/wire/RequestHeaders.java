package dev.codeinterpreter.wire;

import org.jspecify.annotations.Nullable;

/** The headers of a request; {@code HttpHeaders::getHeaderString} of JAX-RS is one. */
@FunctionalInterface
public interface RequestHeaders {

    /** The value of the header called {@code name} in any case, null when it was not sent. */
    @Nullable
    String value(String name);
}
