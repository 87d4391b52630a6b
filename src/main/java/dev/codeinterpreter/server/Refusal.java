package dev.codeinterpreter.server;

import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;

/** An answer that is given before the body is read, which it never is: the connection ends with it. */
final class Refusal {
    private Refusal() {}

    /** @throws CloseConnectionException always, after the answer has been sent */
    static void send(RoutingResponse response, Status status, String detail) {
        response.status(status)
                .header(HeaderValues.CONNECTION_CLOSE)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .send(ErrorBody.of(ErrorCode.ofStatus(status.code()), detail));
        throw new CloseConnectionException("the answer was the last one on its connection");
    }
}
