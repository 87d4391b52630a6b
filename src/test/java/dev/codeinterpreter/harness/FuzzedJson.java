package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;

/** Values that are nearly right: somewhere in them something is another type, too long, too large, missing or strange. */
public final class FuzzedJson {
    private static final String[] TEXTS = {
        "",
        " ",
        "\0",
        "a\0b",
        "../x",
        "/etc/passwd",
        "\u2028\u2029",
        "\ufeff",
        "é\u0301",
        "\ud83d\ude00",
        "\u202e",
        "a/b",
        "null",
        "true",
        "1",
        "{}",
        "%00",
        "'\"\\",
        "$(id)",
        "__main__.py",
        "\r\nX: y",
        "x".repeat(300),
        "x/".repeat(3000)
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "-1",
        "1",
        "1.0",
        "1.5",
        "1e1",
        "1e400",
        "-1e400",
        "1e-400",
        "2147483648",
        "9223372036854775808",
        "86400",
        "86401",
        "60001",
        "100000000000000000000000000000",
        "0.1"
    };

    private final Random random;

    public FuzzedJson(Random random) {
        this.random = random;
    }

    /** Like {@code value}, but for about one place in it. */
    public JsonValue like(JsonValue value) {
        if (random.nextInt(6) == 0) {
            return any(3);
        }
        return switch (value) {
            case JsonObject object -> object(object);
            case JsonArray array -> array(array);
            default -> random.nextInt(4) == 0 ? any(2) : value;
        };
    }

    private JsonObject object(JsonObject object) {
        JsonObjectBuilder builder = Json.createObjectBuilder();
        int chosen = object.isEmpty() ? -1 : random.nextInt(2 * object.size());
        int index = 0;
        for (var member : object.entrySet()) {
            if (index++ != chosen) {
                builder.add(member.getKey(), member.getValue());
            } else if (random.nextInt(4) > 0) {
                builder.add(member.getKey(), like(member.getValue()));
            }
        }
        if (random.nextInt(4) == 0) {
            builder.add(text(), any(2));
        }
        return builder.build();
    }

    private JsonArray array(JsonArray array) {
        JsonArrayBuilder builder = Json.createArrayBuilder();
        array.forEach(element -> builder.add(random.nextInt(3) == 0 ? like(element) : element));
        if (random.nextInt(5) == 0) {
            for (int i = random.nextInt(120); i > 0; i--) {
                builder.add(array.isEmpty() ? any(1) : array.getFirst());
            }
        }
        return builder.build();
    }

    private JsonValue any(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> JsonValue.NULL;
            case 1 -> JsonValue.TRUE;
            case 2 -> JsonValue.FALSE;
            case 3, 4 -> Json.createValue(text());
            case 5 -> Json.createValue(new BigDecimal(NUMBERS[random.nextInt(NUMBERS.length)]));
            case 6 -> Json.createArrayBuilder().add(any(depth - 1)).build();
            default -> Json.createObjectBuilder().add(text(), any(depth - 1)).build();
        };
    }

    public String text() {
        if (random.nextBoolean()) {
            return TEXTS[random.nextInt(TEXTS.length)];
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            text.appendCodePoint(random.nextInt(3) == 0 ? random.nextInt(0xd800) : ' ' + random.nextInt(95));
        }
        return text.toString();
    }

    /** The bytes of {@code json}, or some that nearly are. */
    public byte[] bytes(JsonValue json) {
        byte[] bytes = json.toString().getBytes(UTF_8);
        if (bytes.length > 0 && random.nextInt(4) == 0) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 3)) : bytes;
    }
}
