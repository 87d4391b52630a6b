package dev.codeinterpreter.json;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class JsonTextTest {
    @Test
    void isReadBackAsItWas() throws IOException {
        StringBuilder every = new StringBuilder();
        for (char c = 0; c < 0x300; c++) {
            every.append(c);
        }
        String text = every + "plain \u2028 😀 \uFFFF" + every.reverse();
        StringBuilder json = new StringBuilder("[\"");
        JsonText.escape(text, json);
        json.append("\"]");
        try (JsonReader reader = Json.createReader(new StringReader(json.toString()))) {
            assertThat(reader.readArray().getString(0)).isEqualTo(text);
        }
    }

    @Test
    void escapesNoMoreThanItMust() throws IOException {
        StringBuilder json = new StringBuilder();
        JsonText.escape("a/é\"\\\n\u001f", json);
        assertThat(json.toString()).isEqualTo("a/é\\\"\\\\\\n\\u001f");
    }
}
