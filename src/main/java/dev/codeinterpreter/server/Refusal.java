package dev.codeinterpreter.server;

import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.tenant.RequestNotes;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;

/** An answer that is given before the body is read, which it never is: the connection ends with it. */
final class Refusal {
    private Refusal() {}

    /** @throws CloseConnectionException always, after the answer has been sent */
    static void send(RoutingResponse response, Status status, String detail) {
        send(response, status, ErrorCode.ofStatus(status.code()), detail);
    }

    /** As the other, with a code that the status alone does not say. */
    static void send(RoutingResponse response, ErrorCode code, String detail) {
        send(response, Status.create(code.status()), code, detail);
    }

    private static void send(RoutingResponse response, Status status, ErrorCode code, String detail) {
        RequestNotes.current().outcome(code.label());
        response.status(status)
                .header(HeaderValues.CONNECTION_CLOSE)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .send(ErrorBody.of(code, detail));
        throw new CloseConnectionException("the answer was the last one on its connection");
    }
}
