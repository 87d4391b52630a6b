package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Server-sent events one by one, read as narrowly as the contract is written: two lines and an empty one for each. */
public final class EventReader implements AutoCloseable {
    private final Map<String, List<String>> headers;
    private final InputStream in;

    private EventReader(Map<String, List<String>> headers, InputStream in) {
        this.headers = headers;
        this.in = new BufferedInputStream(in);
    }

    static EventReader of(HttpResponse<InputStream> response) {
        EventReader reader = new EventReader(response.headers().map(), response.body());
        if (response.statusCode() != 200) {
            try (reader) {
                throw new AssertionError("no stream but %d: %s"
                        .formatted(response.statusCode(), new String(reader.in.readAllBytes(), UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Event greeting = reader.require();
        if (!greeting.equals(new Event(Event.COMMENT, "running"))) {
            throw new AssertionError("the head came with " + greeting);
        }
        return reader;
    }

    /** Headers of the answer by name in lower case. */
    public Map<String, List<String>> headers() {
        return headers;
    }

    /** Waits for the next one; nothing at the end of the stream. */
    public Optional<Event> next() {
        String first = line();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        if (first.startsWith(": ")) {
            requireEmpty(line());
            return Optional.of(new Event(Event.COMMENT, first.substring(2)));
        }
        String second = line();
        if (!first.startsWith("event: ") || !second.startsWith("data: ")) {
            throw new AssertionError("no event: %s, %s".formatted(first, second));
        }
        requireEmpty(line());
        return Optional.of(new Event(first.substring(7), second.substring(6)));
    }

    /** As {@link #next}, when there has to be one. */
    public Event require() {
        return next().orElseThrow(() -> new AssertionError("the stream has ended"));
    }

    /** Everything until the end. */
    public Streamed readAll() {
        List<Event> events = new ArrayList<>();
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            events.add(event.get());
        }
        return new Streamed(events);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireEmpty(String line) {
        if (!line.isEmpty()) {
            throw new AssertionError("an event of more lines: " + line);
        }
    }

    /** Without its line feed, which is the only end of a line here; empty at the end of the stream, too. */
    private String line() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    if (line.size() > 0) {
                        throw new AssertionError("cut off: " + line.toString(UTF_8));
                    }
                    break;
                }
                line.write(c);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("after " + line.toString(UTF_8), e);
        }
        return line.toString(UTF_8);
    }
}
