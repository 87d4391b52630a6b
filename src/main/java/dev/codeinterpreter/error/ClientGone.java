package dev.codeinterpreter.error;

import io.helidon.webserver.CloseConnectionException;
import java.io.UncheckedIOException;

/** Tells a client that went away from a fault of ours. */
final class ClientGone {
    private ClientGone() {}

    /** The web server throws these when it can no longer read a request or write a response. */
    static boolean causedBy(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UncheckedIOException || cause instanceof CloseConnectionException) {
                return true;
            }
        }
        return false;
    }
}
