package dev.codeinterpreter.error;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.List;

/**
 * One broken rule of a request's schema, in the form that pydantic gives it.
 *
 * @param location names of fields and indexes of elements, outermost first
 * @param input the offending value; bounded in size by the maker of the error
 * @param context the figures of the rule; left out of the answer when empty
 */
public record SchemaError(String type, JsonArray location, String message, JsonValue input, JsonObject context) {

    /** An error without figures; {@code location} holds strings and integers. */
    public static SchemaError of(String type, List<Object> location, String message, JsonValue input) {
        return new SchemaError(type, array(location), message, input, JsonValue.EMPTY_JSON_OBJECT);
    }

    public SchemaError withContext(JsonObject figures) {
        return new SchemaError(type, location, message, input, figures);
    }

    /** What should be there is not. */
    public static SchemaError missing(List<Object> location, JsonValue parent) {
        return of("missing", location, "Field required", parent);
    }

    JsonObject toJson() {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("type", type)
                .add("loc", location)
                .add("msg", message)
                .add("input", input);
        if (!context.isEmpty()) {
            json.add("ctx", context);
        }
        return json.build();
    }

    private static JsonArray array(List<Object> location) {
        return Json.createArrayBuilder(location).build();
    }
}
