package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.function.Consumer;

/** An answer of the engine that is one JSON object after another, each on a line. */
final class JsonLines {
    /** A message has some hundred bytes; one that repeats what a registry said has more. */
    static final int MAX_LINE = 64 << 10;

    private JsonLines() {}

    /**
     * Passes on each object as soon as its line has ended, until the stream ends.
     *
     * @throws IOException when a line is longer than {@link #MAX_LINE} or is no object
     */
    static void read(InputStream stream, Consumer<JsonObject> listener) throws IOException {
        InputStream in = new BufferedInputStream(stream);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                pass(line, listener);
            } else if (line.size() < MAX_LINE) {
                line.write(b);
            } else {
                throw new IOException("the engine's answer has a line of more than %d bytes".formatted(MAX_LINE));
            }
        }
        pass(line, listener);
    }

    private static void pass(ByteArrayOutputStream line, Consumer<JsonObject> listener) throws IOException {
        String text = line.toString(UTF_8);
        line.reset();
        if (text.isBlank()) {
            return;
        }
        JsonObject object;
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            object = reader.readObject();
        } catch (RuntimeException e) {
            throw new IOException("the engine's answer has a line that is no JSON object", e);
        }
        listener.accept(object);
    }
}
