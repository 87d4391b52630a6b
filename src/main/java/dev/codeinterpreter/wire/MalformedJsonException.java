package dev.codeinterpreter.wire;

import java.io.IOException;

/** Text that is not JSON; an I/O exception, so that it passes through the parser that pulls the text. */
final class MalformedJsonException extends IOException {
    private final long position;

    MalformedJsonException(String reason, long position) {
        super(reason);
        this.position = position;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    /** Characters before the fault. */
    long position() {
        return position;
    }
}
