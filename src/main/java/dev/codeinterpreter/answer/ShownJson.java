package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.runner.MimeTypes;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.Map;
import java.util.Optional;

/** One of {@code results}, as clients read it. What a program says is JSON may be none: then that form is left out. */
final class ShownJson {
    private ShownJson() {}

    static String of(ShownItem item) {
        boolean truncated = item.truncated();
        JsonObjectBuilder data = Json.createObjectBuilder().add(MimeTypes.PLAIN_TEXT, "");
        for (Map.Entry<String, byte[]> form : item.forms().entrySet()) {
            Optional<JsonValue> value = value(form.getKey(), new String(form.getValue(), UTF_8));
            value.ifPresent(content -> data.add(form.getKey(), content));
            truncated |= value.isEmpty();
        }
        JsonArrayBuilder files = Json.createArrayBuilder();
        item.files()
                .forEach(shown -> files.add(Json.createObjectBuilder()
                        .add("mime_type", shown.mimeType())
                        .add("path", shown.file().path())
                        .add("file_id", shown.file().id().toString())
                        .add("size_bytes", shown.file().size())));
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("type", item.value() ? "execute_result" : "display_data")
                .add("data", data)
                .add("files", files);
        if (truncated) {
            json.add("truncated", true);
        }
        return json.build().toString();
    }

    private static Optional<JsonValue> value(String mimeType, String text) {
        if (!MimeTypes.isJson(mimeType)) {
            return Optional.of(Json.createValue(text));
        }
        // As the one element of an array: a reader of a value leaves unread what stands behind it.
        try (JsonReader reader = Json.createReader(new StringReader("[" + text + "]"))) {
            JsonArray values = reader.readArray();
            if (values.size() != 1) {
                return Optional.empty();
            }
            JsonValue value = values.getFirst();
            // Numbers are read when they are written: one may be longer than is allowed.
            String _ = value.toString();
            return Optional.of(value);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
