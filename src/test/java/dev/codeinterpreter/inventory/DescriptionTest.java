package dev.codeinterpreter.inventory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptionTest {
    private static final String PLAIN =
            "{\"python\":\"3.13.5\",\"system\":\"Debian\",\"machine\":\"x86_64\",\"libraries\":[{\"name\":\"numpy\",\"version\":\"2.2.4\"}],"
                    + "\"tools\":[\"jq\"],\"fonts\":[\"DejaVu Sans\"]}";
    private static final JsonObject LIMITS =
            Json.createObjectBuilder().add("cpu_seconds", 5).build();

    private static String described(String printed) {
        return Description.of(printed.getBytes(UTF_8), LIMITS).toString();
    }

    @Test
    void isWhatWasPrintedAndTheLimits() {
        assertThat(described(PLAIN + "\n")).isEqualTo(PLAIN.replaceFirst("}$", ",\"limits\":{\"cpu_seconds\":5}}"));
    }

    @Test
    void takesNothingElse() {
        String more = PLAIN.replaceFirst("^\\{", "{\"limits\":{\"cpu_seconds\":9},\"x\":[1],")
                .replace("\"version\"", "\"home\":\"/root\",\"version\"");
        assertThat(described(more)).isEqualTo(described(PLAIN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "null",
                "\"\"",
                "[]",
                "{}",
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"version\":1}",
                "{\"name\":\"\",\"version\":\"1\"}",
                "{\"name\":\"a\\nb\",\"version\":\"1\"}",
                "{\"name\":\"a\\u001b[2J\",\"version\":\"1\"}",
                "{\"name\":\"a\",\"version\":\"\\ud800\"}",
                "{\"name\":\"a\\u202e\",\"version\":\"1\"}"
            })
    void leavesOutALibraryThatIsNone(String entry) {
        assertThat(described(PLAIN.replace("\"libraries\":[", "\"libraries\":[" + entry + ",")))
                .isEqualTo(described(PLAIN));
    }

    @Test
    void boundsTextsAndLists() {
        String longest = "x".repeat(128);
        String fonts = String.join(",", Collections.nCopies(1500, "\"" + longest + "\""));
        JsonObject json = Description.of(
                PLAIN.replace("[\"DejaVu Sans\"]", "[\"" + longest + "x\"," + fonts + "]")
                        .getBytes(UTF_8),
                LIMITS);
        assertThat(json.getJsonArray("fonts")).hasSize(1000);
        assertThat(json.getJsonArray("fonts").getString(0)).isEqualTo(longest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hi",
                "[]",
                "1",
                "{",
                "{}",
                "{\"python\":3}",
                "{\"python\":\"3\",\"system\":\"a\",\"machine\":\"b\"}",
                "{\"python\":\"3\",\"system\":\"a\",\"machine\":\"b\",\"libraries\":{},\"tools\":[],\"fonts\":[]}"
            })
    void isRefusedWhenItIsAnythingElse(String printed) {
        assertThatThrownBy(() -> described(printed)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isRefusedWhenItIsNestedWithoutEnd() {
        assertThatThrownBy(() -> described("{\"a\":" + "[".repeat(200_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> described("{\"a\":" + "{\"a\":".repeat(50_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
