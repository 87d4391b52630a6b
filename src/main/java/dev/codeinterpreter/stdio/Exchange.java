package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.spi.JsonProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One message on its way, and what comes back for it. */
final class Exchange {
    private static final String DATA = "data:";

    private final Endpoint endpoint;
    private final String line;
    private final JsonObject message;
    private @Nullable Thread thread;
    private boolean cancelled;

    Exchange(Endpoint endpoint, String line, JsonObject message) {
        this.endpoint = endpoint;
        this.line = line;
        this.message = message;
    }

    /** As JSON; empty for a notification. */
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
                    endpoint.client().send(endpoint.request(line, message), HttpResponse.BodyHandlers.ofInputStream());
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
        if (message.getString("method", "").equals("initialize")) {
            endpoint.opened(
                    answer.flatMap(json -> Endpoint.text(Endpoint.object(json, "result"), "protocolVersion")),
                    response.headers().firstValue("Mcp-Session-Id"));
        }
        if (!id().isEmpty()) {
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
