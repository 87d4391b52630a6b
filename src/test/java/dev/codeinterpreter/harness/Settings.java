package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.StringWriter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What an engine says of a sandbox, made equal for every sandbox, run and version of the engine: sorted, and without
 * whatever is nothing, as one version leaves out what another says with 0, false, null or an empty list.
 */
final class Settings {
    /** Where false is what is meant when nothing is said. */
    static final Set<JsonValue> NOTHING = Set.of(
            JsonValue.NULL,
            JsonValue.FALSE,
            JsonValue.EMPTY_JSON_ARRAY,
            JsonValue.EMPTY_JSON_OBJECT,
            Json.createValue(""),
            Json.createValue(0));

    /** Where false may be the opposite of what is meant when nothing is said. */
    static final Set<JsonValue> EMPTY =
            Set.of(JsonValue.NULL, JsonValue.EMPTY_JSON_ARRAY, JsonValue.EMPTY_JSON_OBJECT, Json.createValue(""));

    private Settings() {}

    /**
     * @param nothing values that are left out
     * @param unwanted names of members, at any depth
     * @param texts what becomes of each text
     */
    static JsonObject normal(
            JsonObject object, Set<JsonValue> nothing, Set<String> unwanted, UnaryOperator<String> texts) {
        JsonObjectBuilder builder = Json.createObjectBuilder();
        new TreeMap<>(object).forEach((name, value) -> {
            JsonValue normal = normal(value, nothing, unwanted, texts);
            if (!unwanted.contains(name) && !nothing.contains(normal)) {
                builder.add(name, normal);
            }
        });
        return builder.build();
    }

    private static JsonValue normal(
            JsonValue value, Set<JsonValue> nothing, Set<String> unwanted, UnaryOperator<String> texts) {
        return switch (value) {
            case JsonObject object -> normal(object, nothing, unwanted, texts);
            case JsonArray array -> {
                JsonArrayBuilder builder = Json.createArrayBuilder();
                array.forEach(element -> builder.add(normal(element, nothing, unwanted, texts)));
                yield builder.build();
            }
            case JsonString text -> Json.createValue(texts.apply(text.getString()));
            case JsonNumber number -> number;
            default -> value;
        };
    }

    static String pretty(JsonStructure json) {
        StringWriter text = new StringWriter();
        try (JsonWriter writer = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createWriter(text)) {
            writer.write(json);
        }
        return text.toString().strip() + "\n";
    }
}
