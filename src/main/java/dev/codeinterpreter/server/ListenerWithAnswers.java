package dev.codeinterpreter.server;

import io.helidon.common.context.Context;
import io.helidon.http.DirectHandler;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.DirectHandlers;
import java.util.concurrent.ExecutorService;

/** A listener whose errors are {@link DirectAnswer}s; Helidon MP has no setting for them. */
record ListenerWithAnswers(ListenerContext listener) implements ListenerContext {
    private static final DirectHandlers ANSWERS = answers();

    private static DirectHandlers answers() {
        DirectHandlers.Builder answers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            answers.addHandler(type, new DirectAnswer());
        }
        return answers.build();
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
