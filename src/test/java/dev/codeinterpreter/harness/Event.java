package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;

/**
 * A server-sent event.
 *
 * @param data as it was sent, in one line
 */
public record Event(String type, String data) {
    /** The type of what is no event but a comment. */
    public static final String COMMENT = ":";

    public JsonObject json() {
        try (JsonReader reader = Json.createReader(new StringReader(data))) {
            return reader.readObject();
        }
    }

    /** Whether it is output of {@code stream}. */
    public boolean isOutputOf(String stream) {
        return type.equals("output") && json().getString("stream").equals(stream);
    }

    /** Of an output event. */
    public String text() {
        return json().getString("data");
    }
}
