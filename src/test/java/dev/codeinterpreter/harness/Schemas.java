package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checks values against the schemas of an OpenAPI 3.0 document: the keywords that ours uses, and an error for any other.
 * Stricter than the standard in one thing: a member that {@code properties} does not name is a problem, for a service
 * should not say what its document does not.
 */
public final class Schemas {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final JsonObject document;

    public Schemas(JsonObject document) {
        this.document = document;
    }

    /** The object that {@code value} is or, with {@code $ref}, leads to. */
    public JsonObject resolve(JsonValue value) {
        JsonObject object = value.asJsonObject();
        return object.containsKey("$ref")
                ? resolve(Json.createPointer(object.getString("$ref").substring(1))
                        .getValue(document))
                : object;
    }

    /** What is wrong with {@code value}, each with its place; empty when nothing is. */
    public List<String> problems(JsonValue schema, JsonValue value) {
        List<String> problems = new ArrayList<>();
        check("$", resolve(schema), value, problems);
        return problems;
    }

    private void check(String place, JsonObject schema, JsonValue value, List<String> problems) {
        if (value.equals(JsonValue.NULL) && schema.getBoolean("nullable", false)) {
            return;
        }
        schema.forEach((keyword, rule) -> {
            if (!holds(place, keyword, rule, schema, value, problems)) {
                problems.add("%s: %s is not %s %s".formatted(place, value, keyword, rule));
            }
        });
    }

    /** Whether the keyword is satisfied by itself; what is wrong further inside is added to {@code problems}. */
    private boolean holds(
            String place, String keyword, JsonValue rule, JsonObject schema, JsonValue value, List<String> problems) {
        return switch (keyword) {
            case "description", "example", "default", "nullable" -> true;
            case "type" -> isA(((JsonString) rule).getString(), value);
            case "format" -> hasFormat(((JsonString) rule).getString(), value);
            case "enum" -> rule.asJsonArray().contains(value);
            case "pattern" ->
                !(value instanceof JsonString text)
                        || Pattern.compile(((JsonString) rule).getString())
                                .matcher(text.getString())
                                .find();
            case "minimum" -> !(value instanceof JsonNumber number) || compare(number, rule) >= 0;
            case "maximum" -> !(value instanceof JsonNumber number) || compare(number, rule) <= 0;
            case "maxLength" ->
                !(value instanceof JsonString text) || text.getString().length() <= integer(rule);
            case "minItems" -> !(value instanceof JsonArray array) || array.size() >= integer(rule);
            case "maxItems" -> !(value instanceof JsonArray array) || array.size() <= integer(rule);
            case "items" -> {
                if (value instanceof JsonArray array) {
                    for (int i = 0; i < array.size(); i++) {
                        check("%s[%d]".formatted(place, i), resolve(rule), array.get(i), problems);
                    }
                }
                yield true;
            }
            case "required" ->
                !(value instanceof JsonObject object)
                        || rule.asJsonArray().getValuesAs(JsonString::getString).stream()
                                .allMatch(object::containsKey);
            case "properties" -> {
                if (value instanceof JsonObject object) {
                    members(place, rule.asJsonObject(), schema, object, problems);
                }
                yield true;
            }
            case "additionalProperties" -> rule.equals(JsonValue.TRUE) || unknown(keyword, rule);
            case "oneOf" -> fitting(rule, value) == 1;
            case "anyOf" -> fitting(rule, value) > 0;
            default -> unknown(keyword, rule);
        };
    }

    private void members(
            String place, JsonObject properties, JsonObject schema, JsonObject object, List<String> problems) {
        object.forEach((name, member) -> {
            JsonValue property = properties.get(name);
            if (property != null) {
                check(place + "." + name, resolve(property), member, problems);
            } else if (!schema.containsKey("additionalProperties")) {
                problems.add("%s: %s is not described".formatted(place, name));
            }
        });
    }

    private long fitting(JsonValue alternatives, JsonValue value) {
        return alternatives.asJsonArray().stream()
                .filter(schema -> problems(schema, value).isEmpty())
                .count();
    }

    private static boolean isA(String type, JsonValue value) {
        return switch (type) {
            case "string" -> value instanceof JsonString;
            case "integer" -> value instanceof JsonNumber number && number.isIntegral();
            case "number" -> value instanceof JsonNumber;
            case "boolean" -> value.equals(JsonValue.TRUE) || value.equals(JsonValue.FALSE);
            case "array" -> value instanceof JsonArray;
            case "object" -> value instanceof JsonObject;
            default -> unknown("type", Json.createValue(type));
        };
    }

    private static boolean hasFormat(String format, JsonValue value) {
        return switch (format) {
            case "int32" -> !(value instanceof JsonNumber number) || fits(number, 31);
            case "int64" -> !(value instanceof JsonNumber number) || fits(number, 63);
            case "double" -> true;
            case "uuid" ->
                !(value instanceof JsonString text)
                        || UUID.matcher(text.getString()).matches();
            case "binary" -> true;
            default -> unknown("format", Json.createValue(format));
        };
    }

    private static boolean fits(JsonNumber number, int bits) {
        return number.bigIntegerValueExact().bitLength() <= bits;
    }

    private static int compare(JsonNumber number, JsonValue bound) {
        return number.bigDecimalValue().compareTo(((JsonNumber) bound).bigDecimalValue());
    }

    private static int integer(JsonValue rule) {
        return ((JsonNumber) rule).intValueExact();
    }

    private static boolean unknown(String keyword, JsonValue rule) {
        throw new AssertionError("nobody has taught this test %s: %s".formatted(keyword, rule));
    }
}
