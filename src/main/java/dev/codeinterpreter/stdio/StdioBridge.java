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
import java.io.PrintStream;
import java.io.StringReader;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Reads a message a line, posts it, and prints what comes back, a message a line. Requests run beside each other; what opens
 * a connection is awaited, as everything behind it needs what it brings. At the end of its input it waits for the answers
 * that are missing.
 */
public final class StdioBridge {
    private static final JsonProvider JSON = JsonProvider.provider();

    private final Endpoint endpoint;
    private final PrintStream out;
    /** Requests in progress, by their ids as JSON. */
    private final Map<String, Exchange> running = new ConcurrentHashMap<>();

    StdioBridge(Endpoint endpoint, PrintStream out) {
        this.endpoint = endpoint;
        this.out = out;
    }

    /** Ends with its input. */
    public static void main(String[] arguments) throws IOException {
        URI url = URI.create(System.getenv().getOrDefault("CODE_INTERPRETER_URL", "http://127.0.0.1:8000/mcp"));
        Optional<String> key = Optional.ofNullable(System.getenv("CODE_INTERPRETER_KEY"))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
        new StdioBridge(new Endpoint(url, key), new PrintStream(System.out, false, UTF_8)).serve(System.in);
    }

    void serve(InputStream input) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(input, UTF_8));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    accept(line, threads);
                }
            }
        }
    }

    private void accept(String line, ExecutorService threads) {
        JsonValue message;
        try (JsonReader reader = JSON.createReader(new StringReader(line))) {
            message = reader.readValue();
        } catch (JsonException e) {
            print(error("", -32700, "The line is not JSON"));
            return;
        }
        JsonObject members = message instanceof JsonObject object ? object : JsonValue.EMPTY_JSON_OBJECT;
        JsonObject params = Endpoint.object(members, "params");
        if (members.getString("method", "").equals("notifications/cancelled") && params.containsKey("requestId")) {
            // Over HTTP it is the end of the connection that says so, and in every revision it does.
            Exchange exchange = running.remove(String.valueOf(params.get("requestId")));
            if (exchange != null) {
                exchange.cancel();
            }
            return;
        }
        Exchange exchange = new Exchange(endpoint, line, message);
        if (exchange.isAwaited()) {
            send(exchange);
        } else {
            running.put(exchange.id(), exchange);
            threads.execute(() -> send(exchange));
        }
    }

    private void send(Exchange exchange) {
        try {
            exchange.run(this::print);
        } catch (IOException e) {
            if (!exchange.isNotification() && !exchange.isCancelled()) {
                print(error(exchange.id(), -32603, String.valueOf(e.getMessage())));
            }
        } finally {
            running.remove(exchange.id(), exchange);
        }
    }

    private synchronized void print(String message) {
        out.print(message + "\n");
        out.flush();
    }

    /** @param id as JSON, empty for none */
    private static String error(String id, int code, String message) {
        return "{\"jsonrpc\":\"2.0\",%s\"error\":{\"code\":%d,\"message\":%s}}"
                .formatted(id.isEmpty() ? "" : "\"id\":" + id + ",", code, JSON.createValue(message));
    }
}
