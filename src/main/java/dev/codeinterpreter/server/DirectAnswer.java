package dev.codeinterpreter.server;

import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.logging.RequestId;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import org.jspecify.annotations.Nullable;

/** What the web server answers by itself, to what it cannot give to anything of ours: otherwise without a body. */
final class DirectAnswer implements DirectHandler {
    @Override
    public TransportResponse handle(
            TransportRequest request,
            EventType type,
            Status status,
            ServerResponseHeaders headers,
            @Nullable String message) {
        String id = RequestId.current();
        if (id != null) {
            headers.set(RequestIdFilter.NAME, id);
        }
        return TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .keepAlive(false)
                .entity(ErrorBody.of(ErrorCode.ofStatus(status.code()), status.reasonPhrase()))
                .build();
    }
}
