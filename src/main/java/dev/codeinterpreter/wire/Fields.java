package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.SchemaError;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.spool.Utf8;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object, read one after the other. A field that breaks its rule is remembered and a harmless
 * value given in its place (the empty string, the default), so that one answer names all errors; nothing may be done
 * with the values before {@link #verify()}. Members that nobody reads are ignored.
 */
public final class Fields {
    /** One answer names so many; a list of thousands of bad elements would otherwise come back many times its size. */
    private static final int MAX_ERRORS = 100;
    /**
     * In UTF-8. A path may have 4 KB. The longest way to write so many bytes, each as six characters of JSON, is less than
     * what {@link RequestBody} brings to disk: whether a string is accepted does not depend on how it is escaped.
     */
    private static final int MAX_STRING_BYTES = 10 * 1024;

    private static final Text NO_TEXT = Text.of("");

    private final Node.Obj object;
    private final List<Object> location;
    private final List<SchemaError> errors;
    private final InputSnippet.Total echoes;

    Fields(Node.Obj object, List<Object> location) {
        this(object, location, new ArrayList<>(), new InputSnippet.Total());
    }

    private Fields(Node.Obj object, List<Object> location, List<SchemaError> errors, InputSnippet.Total echoes) {
        this.object = object;
        this.location = location;
        this.errors = errors;
        this.echoes = echoes;
    }

    /** A strict string of any length. */
    public Text requiredText(String name) {
        Node value = required(name);
        return value == null ? NO_TEXT : text(name, value);
    }

    /** A strict string of any length, or null, or nothing. */
    public Optional<Text> optionalText(String name) {
        Node value = object.byName().get(name);
        return value == null || value == Node.Constant.NULL ? Optional.empty() : Optional.of(text(name, value));
    }

    /** A strict string of at most 10 KiB of UTF-8, for what is short by its nature; longer ones are texts. */
    public String requiredString(String name) {
        Node value = required(name);
        if (value == null) {
            return "";
        }
        if (text(name, value) instanceof Text.InMemory inMemory && inMemory.utf8Length() <= MAX_STRING_BYTES) {
            return inMemory.value();
        }
        reject(
                "string_too_long",
                name,
                "String should have at most %d bytes of UTF-8".formatted(MAX_STRING_BYTES),
                value,
                figure("max_length", MAX_STRING_BYTES));
        return "";
    }

    /** A strict integer; what does not fit into 32 bits is as good as the nearest that does. */
    public int integer(String name, int defaultValue, Bounds bounds) {
        Node value = object.byName().get(name);
        return value == null ? defaultValue : integer(name, value, bounds);
    }

    /** As {@link #integer}, but it must be there. */
    public int requiredInteger(String name, Bounds bounds) {
        Node value = required(name);
        return value == null ? bounds.least() : integer(name, value, bounds);
    }

    /** A boolean, or a number or word that stands for one. */
    public boolean laxBoolean(String name, boolean defaultValue) {
        Node value = object.byName().get(name);
        if (value == null) {
            return defaultValue;
        }
        return switch (LaxBoolean.of(value)) {
            case TRUE -> true;
            case FALSE -> false;
            case UNINTERPRETABLE -> {
                String message = "Input should be a valid boolean, unable to interpret input";
                reject("bool_parsing", name, message, value, JsonValue.EMPTY_JSON_OBJECT);
                yield defaultValue;
            }
            case WRONG_TYPE -> {
                reject("bool_type", name, "Input should be a valid boolean", value, JsonValue.EMPTY_JSON_OBJECT);
                yield defaultValue;
            }
        };
    }

    /**
     * A list of objects, empty when it was not sent. {@code element} is called for each object, also when a field of it
     * is bad: it must not check what it gets.
     */
    public <T> List<T> list(String name, Function<Fields, T> element) {
        Node value = object.byName().get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof Node.Arr elements)) {
            reject("list_type", name, "Input should be a valid list", value, JsonValue.EMPTY_JSON_OBJECT);
            return List.of();
        }
        List<T> result = new ArrayList<>();
        int index = 0;
        for (Node item : elements.values()) {
            List<Object> place = below(below(location, name), index++);
            if (item instanceof Node.Obj members) {
                result.add(element.apply(new Fields(members, place, errors, echoes)));
            } else {
                report(notAnObject(place, InputSnippet.of(item, echoes)));
            }
        }
        return result;
    }

    /**
     * Ends the reading.
     *
     * @throws SchemaException with the errors of all fields, in the order in which they were read
     */
    public void verify() {
        if (!errors.isEmpty()) {
            throw new SchemaException(errors);
        }
    }

    static SchemaError notAnObject(List<Object> location, JsonValue input) {
        return SchemaError.of(
                "model_attributes_type",
                location,
                "Input should be a valid dictionary or object to extract fields from",
                input);
    }

    private @Nullable Node required(String name) {
        Node value = object.byName().get(name);
        if (value == null) {
            report(SchemaError.missing(below(location, name), InputSnippet.of(object, echoes)));
        }
        return value;
    }

    private Text text(String name, Node value) {
        if (!(value instanceof Node.Str(Text text))) {
            reject("string_type", name, "Input should be a valid string", value, JsonValue.EMPTY_JSON_OBJECT);
            return NO_TEXT;
        }
        boolean whole = switch (text) {
            case Text.InMemory inMemory -> !Utf8.hasLoneSurrogate(inMemory.value());
            case Text.Spooled spooled -> !spooled.loneSurrogate();
        };
        if (!whole) {
            reject(
                    "string_unicode",
                    name,
                    "Input should be a valid string, unable to parse raw data as a unicode string",
                    value,
                    JsonValue.EMPTY_JSON_OBJECT);
            return NO_TEXT;
        }
        return text;
    }

    private int integer(String name, Node value, Bounds bounds) {
        if (!(value instanceof Node.Num number) || !number.isInteger()) {
            reject("int_type", name, "Input should be a valid integer", value, JsonValue.EMPTY_JSON_OBJECT);
            return bounds.least();
        }
        int result = number.nearestInt();
        if (result < bounds.least()) {
            String message = "Input should be greater than or equal to " + bounds.least();
            reject("greater_than_equal", name, message, value, figure("ge", bounds.least()));
        } else if (result > bounds.most()) {
            String message = "Input should be less than or equal to " + bounds.most();
            reject("less_than_equal", name, message, value, figure("le", bounds.most()));
        }
        return result;
    }

    private void reject(String type, String name, String message, Node value, JsonObject context) {
        report(SchemaError.of(type, below(location, name), message, InputSnippet.of(value, echoes))
                .withContext(context));
    }

    private void report(SchemaError error) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(error);
        }
    }

    private static JsonObject figure(String name, int value) {
        return Json.createObjectBuilder().add(name, value).build();
    }

    private static List<Object> below(List<Object> location, Object step) {
        List<Object> place = new ArrayList<>(location);
        place.add(step);
        return place;
    }
}
