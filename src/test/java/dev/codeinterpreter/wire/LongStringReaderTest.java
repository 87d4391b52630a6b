package dev.codeinterpreter.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random documents come out as the plain parser sees them, wherever strings are cut off. */
class LongStringReaderTest {
    private static final String[] PIECES = {
        "a",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\u00e9",
        "\\ud83d\\ude00",
        "é",
        "€",
        "😀",
        " ",
        "{",
        "]",
        ",",
        ":"
    };

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 8, 13, 40, 1000})
    void yieldsWhatThePlainParserYields(int longString) throws IOException {
        Random random = new Random(longString);
        for (int i = 0; i < 200; i++) {
            String json = document(random, 0);
            JsonValue plain = Json.createReader(new StringReader(json)).readValue();

            assertThat(parse(json, longString, 1 + random.nextInt(7))).as(json).isEqualTo(plain);
        }
    }

    @Test
    void joinsAPairOfSurrogatesThatStandsAcrossTheLimit() throws IOException {
        for (int length = 60; length < 70; length++) {
            String json = "[\"" + "x".repeat(length) + "😀\\ud83d\\ude00y\"]";
            JsonValue plain = Json.createReader(new StringReader(json)).readValue();

            assertThat(parse(json, 64, 1))
                    .as("limit in character %d", 64 - length)
                    .isEqualTo(plain);
        }
    }

    @Test
    void doesNotTakeAPlaceholderFromAClient() throws IOException {
        String json = "[\"" + "0".repeat(32) + "0\",\"" + "x".repeat(100) + "\"]";
        JsonValue plain = Json.createReader(new StringReader(json)).readValue();

        assertThat(parse(json, 64, 1000)).isEqualTo(plain);
    }

    private JsonValue parse(String json, int longString, int chunk) throws IOException {
        try (Spool spool = new Spool(directory, new StorageBudget(1 << 30).requests())) {
            LongStringReader reader =
                    new LongStringReader(new ChunkedReader(json, chunk), spool, longString, Integer.MAX_VALUE);
            Node tree = JsonTree.parse(reader, Integer.MAX_VALUE);
            spool.flush();
            return plain(tree);
        }
    }

    private static JsonValue plain(Node node) throws IOException {
        switch (node) {
            case Node.Obj members -> {
                JsonObjectBuilder object = Json.createObjectBuilder();
                for (Map.Entry<String, Node> member : members.byName().entrySet()) {
                    object.add(member.getKey(), plain(member.getValue()));
                }
                return object.build();
            }
            case Node.Arr elements -> {
                JsonArrayBuilder array = Json.createArrayBuilder();
                for (Node element : elements.values()) {
                    array.add(plain(element));
                }
                return array.build();
            }
            case Node.Str words -> {
                try (InputStream in = words.text().open()) {
                    byte[] bytes = in.readAllBytes();
                    assertThat(words.text().utf8Length()).isEqualTo(bytes.length);
                    return Json.createValue(new String(bytes, StandardCharsets.UTF_8));
                }
            }
            case Node.Num numeral -> {
                return Json.createReader(new StringReader(numeral.literal())).readValue();
            }
            case Node.Constant constant -> {
                return switch (constant) {
                    case TRUE -> JsonValue.TRUE;
                    case FALSE -> JsonValue.FALSE;
                    case NULL -> JsonValue.NULL;
                };
            }
        }
    }

    private static String document(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 4 : 6)) {
            case 0 -> Integer.toString(random.nextInt());
            case 1 -> random.nextBoolean() ? "-1.5e3" : "null";
            case 2 -> random.nextBoolean() ? "true" : "false";
            case 3 -> string(random);
            case 4 -> "[" + document(random, depth + 1) + " , " + document(random, depth + 1) + "]";
            // Short names: a name as long as a spooled string is one that nobody asks for.
            default ->
                "{\"\":%s,\n\t\"%d\" :%s}".formatted(document(random, depth + 1), depth, document(random, depth + 1));
        };
    }

    private static String string(Random random) {
        StringBuilder literal = new StringBuilder("\"");
        int pieces = random.nextInt(30);
        for (int i = 0; i < pieces; i++) {
            literal.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return literal.append('"').toString();
    }

    /** Gives a few characters at a time, as a slow network does. */
    private static final class ChunkedReader extends Reader {
        private final StringReader source;
        private final int chunk;

        ChunkedReader(String text, int chunk) {
            this.source = new StringReader(text);
            this.chunk = chunk;
        }

        @Override
        public int read(char[] target, int offset, int length) throws IOException {
            return source.read(target, offset, Math.min(chunk, length));
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
