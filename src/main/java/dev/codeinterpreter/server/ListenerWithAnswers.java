package dev.codeinterpreter.server;

import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.logging.RequestId;
import io.helidon.common.context.Context;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.DirectHandlers;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** A listener whose errors have our body, where Helidon gives none; Helidon MP has no setting for them. */
record ListenerWithAnswers(ListenerContext listener) implements ListenerContext {
    private static final DirectHandlers ANSWERS = answers();

    private static DirectHandlers answers() {
        DirectHandlers.Builder answers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            answers.addHandler(type, ListenerWithAnswers::answer);
        }
        return answers.build();
    }

    /** What the web server answers by itself, to what it cannot give to anything of ours. */
    private static DirectHandler.TransportResponse answer(
            DirectHandler.TransportRequest request,
            DirectHandler.EventType type,
            Status status,
            ServerResponseHeaders headers,
            @Nullable String message) {
        String id = RequestId.current();
        if (id != null) {
            headers.set(RequestIdFilter.NAME, id);
        }
        RequestLog.refused(status.code(), "-");
        return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderValues.CONTENT_TYPE_JSON)
                .keepAlive(false)
                .entity(ErrorBody.of(ErrorCode.ofStatus(status.code()), status.reasonPhrase()))
                .build();
    }

    @Override
    public DirectHandlers directHandlers() {
        return ANSWERS;
    }

    @Override
    public Context context() {
        return listener.context();
    }

    @Override
    public MediaContext mediaContext() {
        return listener.mediaContext();
    }

    @Override
    public ContentEncodingContext contentEncodingContext() {
        return listener.contentEncodingContext();
    }

    @Override
    public ListenerConfig config() {
        return listener.config();
    }

    @Override
    public ExecutorService executor() {
        return listener.executor();
    }
}
