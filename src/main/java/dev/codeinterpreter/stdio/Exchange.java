package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One message on its way, or several in one line, and what comes back for it. */
final class Exchange {
    private static final String DATA = "data:";
    /** Until the answer begins to what all later messages wait for: no program runs for that. */
    private static final Duration AWAITED = Duration.ofSeconds(60);

    private final Endpoint endpoint;
    private final String line;
    private final JsonObject message;
    private final boolean notification;
    private @Nullable Thread thread;
    private boolean cancelled;

    /** @param message what is in the line; an array of messages has one answer, the array of theirs */
    Exchange(Endpoint endpoint, String line, JsonValue message) {
        this.endpoint = endpoint;
        this.line = line;
        this.message = message instanceof JsonObject object ? object : JsonValue.EMPTY_JSON_OBJECT;
        this.notification = message instanceof JsonObject object && !object.containsKey("id");
    }

    /** Whether there is no answer to it. */
    boolean isNotification() {
        return notification;
    }

    /** Whether what is behind it may need what it brings. */
    boolean isAwaited() {
        return notification || isOpening();
    }

    private boolean isOpening() {
        return message.getString("method", "").equals("initialize");
    }

    /** As JSON; empty for a notification and for several messages. */
    String id() {
        return message.containsKey("id") ? String.valueOf(message.get("id")) : "";
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Closes the connection. */
    synchronized void cancel() {
        cancelled = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /**
     * Hands over each message that comes back.
     *
     * @throws IOException with a sentence for the host, when there is no answer
     */
    void run(Consumer<String> received) throws IOException {
        synchronized (this) {
            thread = Thread.currentThread();
            if (cancelled) {
                return;
            }
        }
        try {
            HttpResponse<InputStream> response =
                    endpoint.client().send(request(), HttpResponse.BodyHandlers.ofInputStream());
            try (BufferedReader body = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
                if (response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream")) {
                    events(body, received);
                } else {
                    whole(response, String.join(" ", body.readAllLines()), received);
                }
            }
        } catch (InterruptedException e) {
            throw new IOException("cancelled", e);
        } catch (IOException e) {
            throw e instanceof Refused
                    ? e
                    : new IOException("The service at %s does not answer: %s".formatted(endpoint.url(), e), e);
        } finally {
            synchronized (this) {
                thread = null;
            }
            boolean _ = Thread.interrupted();
        }
    }

    private HttpRequest request() {
        HttpRequest.Builder request = endpoint.request(line, message);
        return (isAwaited() ? request.timeout(AWAITED) : request).build();
    }

    /** An answer that is no message. */
    private static final class Refused extends IOException {
        Refused(String message) {
            super(message);
        }
    }

    /** An event of ours has one line of data. */
    private static void events(BufferedReader body, Consumer<String> received) throws IOException {
        for (String text = body.readLine(); text != null; text = body.readLine()) {
            if (text.startsWith(DATA)) {
                received.accept(text.substring(DATA.length()).strip());
            }
        }
    }

    private void whole(HttpResponse<InputStream> response, String body, Consumer<String> received) throws IOException {
        if (response.statusCode() == 202) {
            return;
        }
        Optional<JsonObject> answer = object(body);
        boolean isMessage = response.statusCode() == 200
                || answer.filter(json -> json.containsKey("jsonrpc")).isPresent();
        if (!isMessage) {
            throw new Refused("The service answered with status %d%s"
                    .formatted(
                            response.statusCode(),
                            answer.flatMap(json -> Endpoint.text(json, "detail"))
                                    .map(detail -> ": " + detail)
                                    .orElse("")));
        }
        if (isOpening()) {
            endpoint.opened(
                    answer.flatMap(json -> Endpoint.text(Endpoint.object(json, "result"), "protocolVersion")),
                    response.headers().firstValue("Mcp-Session-Id"));
        }
        if (!notification) {
            received.accept(body);
        }
    }

    private static Optional<JsonObject> object(String text) {
        try (JsonReader reader = JsonProvider.provider().createReader(new StringReader(text))) {
            return Optional.of(reader.readObject());
        } catch (JsonException e) {
            return Optional.empty();
        }
    }
}
