package dev.codeinterpreter.inventory;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes from what a sandbox printed the members that are described, within bounds, and nothing else. */
final class Description {
    private static final int MAX_LIBRARIES = 2000;
    private static final int MAX_TOOLS = 200;
    private static final int MAX_FONTS = 1000;
    private static final int MAX_TEXT_LENGTH = 128;

    private Description() {}

    /**
     * Entries of lists that are not as they should be are left out: an image may have a broken library.
     *
     * @throws IllegalArgumentException naming what else is not as {@code describe.py} prints it
     */
    static JsonObject of(byte[] printed, JsonObject limits) {
        JsonObject said = read(printed);
        return Json.createObjectBuilder()
                .add("python", required(said, "python"))
                .add("system", required(said, "system"))
                .add("machine", required(said, "machine"))
                .add("libraries", list(said, "libraries", MAX_LIBRARIES, Description::library))
                .add("tools", list(said, "tools", MAX_TOOLS, Description::text))
                .add("fonts", list(said, "fonts", MAX_FONTS, Description::text))
                .add("limits", limits)
                .build();
    }

    private static JsonObject read(byte[] printed) {
        try (JsonReader reader = Json.createReader(new InputStreamReader(new ByteArrayInputStream(printed), UTF_8))) {
            return reader.readObject();
        } catch (RuntimeException e) { // a plain one when it is nested deeper than the parser goes
            throw new IllegalArgumentException("no JSON object", e);
        }
    }

    private static JsonString required(JsonObject said, String member) {
        return text(said.get(member)).orElseThrow(() -> new IllegalArgumentException(member + ": no short text"));
    }

    private static JsonArrayBuilder list(
            JsonObject said, String member, int most, Function<JsonValue, Optional<? extends JsonValue>> entry) {
        if (!(said.get(member) instanceof JsonArray array)) {
            throw new IllegalArgumentException(member + ": no list");
        }
        JsonArrayBuilder checked = Json.createArrayBuilder();
        array.stream().map(entry).flatMap(Optional::stream).limit(most).forEach(checked::add);
        return checked;
    }

    private static Optional<JsonObject> library(JsonValue entry) {
        if (!(entry instanceof JsonObject library)) {
            return Optional.empty();
        }
        return text(library.get("name"))
                .flatMap(name -> text(library.get("version"))
                        .map(version -> Json.createObjectBuilder()
                                .add("name", name)
                                .add("version", version)
                                .build()));
    }

    private static Optional<JsonString> text(@Nullable JsonValue value) {
        if (!(value instanceof JsonString text)) {
            return Optional.empty();
        }
        String characters = text.getString();
        boolean isName = !characters.isEmpty()
                && characters.length() <= MAX_TEXT_LENGTH
                && characters.codePoints().noneMatch(Description::isUnprintable);
        return isName ? Optional.of(Json.createValue(characters)) : Optional.empty();
    }

    /** Also what a terminal or a model might take for more than a name, and halves of surrogate pairs. */
    private static boolean isUnprintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
