package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"a\":1}\r\n{\"b\":\"é\"}\r\n", "{\"a\":1}\n\n{\"b\":\"é\"}", "\n{\"a\":1}\n{\"b\":\"é\"}\n"})
    void passesOnEachObject(String text) throws IOException {
        assertThat(read(text)).containsExactly("{\"a\":1}", "{\"b\":\"é\"}");
    }

    @Test
    void endsWithoutAny() throws IOException {
        assertThat(read("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{", "text"})
    void refusesALineThatIsNoObject(String line) {
        assertThatThrownBy(() -> read("{\"a\":1}\n" + line)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesALineWithoutEnd() {
        assertThatThrownBy(() -> read("x".repeat(JsonLines.MAX_LINE + 1)))
                .hasMessage("the engine's answer has a line of more than 65536 bytes");
    }

    private static List<String> read(String text) throws IOException {
        List<String> objects = new ArrayList<>();
        JsonLines.read(new ByteArrayInputStream(text.getBytes(UTF_8)), object -> objects.add(object.toString()));
        return objects;
    }
}
