package dev.codeinterpreter.http1;

import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;

/** A request whose bytes are not HTTP/1.1, or too many: answered with {@code status}, and its connection is closed. */
public final class RefusedRequestException extends RequestException {
    RefusedRequestException(Status status, String detail) {
        super(RequestException.builder()
                .type(DirectHandler.EventType.BAD_REQUEST)
                .status(status)
                .setKeepAlive(false)
                .message(detail));
    }

    static RefusedRequestException malformed(String detail) {
        return new RefusedRequestException(Status.BAD_REQUEST_400, detail);
    }
}
