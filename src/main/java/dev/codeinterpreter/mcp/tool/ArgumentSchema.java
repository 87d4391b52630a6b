package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.spool.Utf8;
import dev.codeinterpreter.wire.Node;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Checks arguments against a tool's {@code inputSchema}, of which it knows what the definitions have: objects, strings,
 * integers with bounds, and lists. The sentences are for a model: which argument, and what is allowed.
 */
final class ArgumentSchema {
    /** Sentences of one answer. */
    private static final int MAX_ERRORS = 5;

    private final String tool;
    private final JsonObject schema;

    ArgumentSchema(String tool, JsonObject schema) {
        this.tool = tool;
        this.schema = schema;
    }

    /** What is wrong, sentence by sentence; empty when nothing is. */
    List<String> check(Map<String, Node> arguments) {
        List<String> errors = new ArrayList<>();
        checkObject(tool, "", arguments, schema, errors);
        return errors.subList(0, Math.min(errors.size(), MAX_ERRORS));
    }

    private static void checkObject(
            String what, String prefix, Map<String, Node> members, JsonObject schema, List<String> errors) {
        JsonObject properties =
                schema.containsKey("properties") ? schema.getJsonObject("properties") : JsonObject.EMPTY_JSON_OBJECT;
        for (JsonString required : schema.containsKey("required")
                ? schema.getJsonArray("required").getValuesAs(JsonString.class)
                : List.<JsonString>of()) {
            if (members.getOrDefault(required.getString(), Node.Constant.NULL) == Node.Constant.NULL) {
                errors.add("%s needs %s.".formatted(what, required.getString()));
            }
        }
        for (Map.Entry<String, Node> member : members.entrySet()) {
            if (errors.size() >= MAX_ERRORS) {
                return;
            }
            if (!properties.containsKey(member.getKey())) {
                errors.add("%s has no argument '%s'; it takes %s."
                        .formatted(
                                what,
                                Printable.cut(member.getKey()),
                                properties.isEmpty() ? "none" : String.join(", ", properties.keySet())));
            } else if (member.getValue() != Node.Constant.NULL) {
                checkValue(
                        prefix + member.getKey(), member.getValue(), properties.getJsonObject(member.getKey()), errors);
            }
        }
    }

    private static void checkValue(String name, Node value, JsonObject schema, List<String> errors) {
        switch (schema.getString("type")) {
            case "string" -> {
                if (!(value instanceof Node.Str(Text text))) {
                    errors.add(name + " must be a string.");
                } else if (hasLoneSurrogate(text)) {
                    errors.add(name + " has half of a surrogate pair, which is no text.");
                }
            }
            case "integer" -> checkInteger(name, value, schema, errors);
            case "array" -> {
                int most = schema.getInt("maxItems");
                if (!(value instanceof Node.Arr items) || items.values().size() > most) {
                    errors.add("%s must be a list of at most %d items.".formatted(name, most));
                    return;
                }
                for (int i = 0; i < items.values().size() && errors.size() < MAX_ERRORS; i++) {
                    String item = "%s[%d]".formatted(name, i);
                    if (items.values().get(i) instanceof Node.Obj(Map<String, Node> members)) {
                        checkObject(item, item + ".", members, schema.getJsonObject("items"), errors);
                    } else {
                        errors.add(item + " must be an object.");
                    }
                }
            }
            default -> throw new IllegalStateException("a schema of type " + schema.getString("type"));
        }
    }

    private static void checkInteger(String name, Node value, JsonObject schema, List<String> errors) {
        int least = schema.getInt("minimum");
        int most = schema.getInt("maximum", Integer.MAX_VALUE);
        if (!(value instanceof Node.Num number)
                || !number.isInteger()
                || number.nearestInt() < least
                || number.nearestInt() > most) {
            errors.add(
                    most == Integer.MAX_VALUE
                            ? "%s must be an integer from %d on.".formatted(name, least)
                            : "%s must be an integer from %d to %d.".formatted(name, least, most));
        }
    }

    private static boolean hasLoneSurrogate(Text text) {
        return switch (text) {
            case Text.InMemory inMemory -> Utf8.hasLoneSurrogate(inMemory.value());
            case Text.Spooled spooled -> spooled.loneSurrogate();
        };
    }
}
