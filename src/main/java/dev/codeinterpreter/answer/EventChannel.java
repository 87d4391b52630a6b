package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.MessageBodyWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.glassfish.jersey.server.ChunkedOutput;

/** An answer of server-sent events that is open: one thread sends, and closes it. */
public final class EventChannel implements AutoCloseable {
    private final ChunkedOutput<Event> answer = new ChunkedOutput<>(Event.class);

    /** One event, or a part of one, on its way. */
    record Event(String text, CountDownLatch written) {}

    /** The answer, to be returned by the resource; what was sent before waits until then. */
    public Response response() {
        return Response.ok(answer)
                .header(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                // nginx would otherwise collect the events and send them together.
                .header("X-Accel-Buffering", "no")
                .build();
    }

    /**
     * Returns when the text has been written: Jersey's queue has no bound, and another thread may be stuck in emptying it.
     *
     * @throws IOException when the client has gone
     */
    public void send(String text) throws IOException, InterruptedException {
        Event event = new Event(text, new CountDownLatch(1));
        answer.write(event);
        while (!event.written().await(1, TimeUnit.SECONDS)) {
            if (answer.isClosed()) {
                throw new IOException("the answer is closed");
            }
        }
    }

    @Override
    public void close() throws IOException {
        answer.close();
    }

    /** Writes the events of every stream. */
    @SingleInstance
    public static class EventWriter implements MessageBodyWriter<Event> {
        @Override
        public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
            return type == Event.class;
        }

        @Override
        public void writeTo(
                Event event,
                Class<?> type,
                Type genericType,
                Annotation[] annotations,
                MediaType mediaType,
                MultivaluedMap<String, Object> headers,
                OutputStream target)
                throws IOException {
            target.write(event.text().getBytes(UTF_8));
            event.written().countDown();
        }
    }
}
