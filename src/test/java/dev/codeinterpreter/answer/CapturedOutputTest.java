package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapturedOutputTest {
    private static final int LIMIT = 100;
    private static final String MARKER = "\n...[truncated]";

    @TempDir
    Path spool;

    private CapturedOutput output;

    @BeforeEach
    void open() {
        output = captured(new StorageBudget(64 << 20), LIMIT);
    }

    @AfterEach
    void close() {
        output.close();
    }

    @Test
    void joinsThePiecesOfEachStream() {
        output.stdout("o".getBytes(UTF_8));
        output.stderr("err".getBytes(UTF_8));
        output.stdout("ut".getBytes(UTF_8));
        assertThat(stdout(false)).isEqualTo("out");
        assertThat(stderr(false)).isEqualTo("err");
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(stdout(false)).isEmpty();
        assertThat(stderr(false)).isEmpty();
    }

    @Test
    void joinsACharacterThatPiecesTearApart() {
        for (byte each : "a😀b".getBytes(UTF_8)) {
            output.stdout(new byte[] {each});
        }
        assertThat(stdout(false)).isEqualTo("a😀b");
    }

    @Test
    void leavesOutputUpToTheLimitAsItIs() {
        output.stdout("x".repeat(LIMIT).getBytes(UTF_8));
        assertThat(stdout(false)).isEqualTo("x".repeat(LIMIT));
    }

    @Test
    void keepsTheLimitLess32BytesOfTruncatedOutput() {
        output.stdout(("x".repeat(LIMIT - 32) + "y".repeat(32)).getBytes(UTF_8));
        output.stderr("z".repeat(LIMIT).getBytes(UTF_8));
        assertThat(stdout(true)).isEqualTo("x".repeat(LIMIT - 32) + MARKER);
        assertThat(stderr(true)).isEqualTo("z".repeat(LIMIT - 32) + MARKER);
    }

    @Test
    void countsBytesAndMarksACharacterThatTheCutTears() {
        output.stdout(("x".repeat(LIMIT - 32 - 2) + "€".repeat(20)).getBytes(UTF_8));
        assertThat(stdout(true)).isEqualTo("x".repeat(LIMIT - 32 - 2) + "\uFFFD" + MARKER);
    }

    @Test
    void keepsEachStreamsOwnWord() {
        output.stdout("short".getBytes(UTF_8));
        output.stderr("y".repeat(LIMIT).getBytes(UTF_8));
        assertThat(stdout(false)).isEqualTo("short");
        assertThat(stderr(true)).endsWith(MARKER);
    }

    /** Expected: what bytes.decode("utf-8", "replace") of CPython gives, with "?" for U+FFFD. */
    @ParameterizedTest
    @CsvSource({
        "ff,?",
        "feff,??",
        "f09f98,?",
        "f09f,?",
        "f0,?",
        "f09f9841,?A",
        "e282,?",
        "e28241,?A",
        "c3,?",
        "c080,??",
        "c1bf,??",
        "e08080,???",
        "e09fbf,???",
        "f0808080,????",
        "f08fbfbf,????",
        "f4908080,????",
        "f5808080,????",
        "eda080,???",
        "edb080,???",
        "eda080edb080,??????",
        "eda0,??",
        "eda041,??A",
        "ed9fbf,\ud7ff",
        "f888808080,?????",
        "fc8480808080,??????",
        "80,?",
        "808080,???",
        "efbfbe,\ufffe",
        "efbbbf41,\ufeffA",
        "41f09f988042,A😀B",
        "e282ace2,€?",
        "f18080c3a9,?é",
        "e180e2f09192f1bf41,????A"
    })
    void replacesWhatIsNotUtf8AsPythonDoes(String hexadecimal, String expected) {
        output.stdout(HexFormat.of().parseHex(hexadecimal));
        assertThat(stdout(false)).isEqualTo(expected.replace('?', '\uFFFD'));
    }

    @Test
    void replacesEveryByteOfGarbage() {
        byte[] garbage = new byte[50];
        Arrays.fill(garbage, (byte) 0xff);
        output.stderr(garbage);
        assertThat(stderr(false)).isEqualTo("\uFFFD".repeat(50));
    }

    @Test
    void keepsWhatIsTooLongForTheHeap() {
        byte[] much = "\u0001€\"x".repeat(100_000).getBytes(UTF_8);
        output.stdout(much);
        output.stdout(much);
        assertThat(stdout(false)).isEqualTo(new String(much, UTF_8).repeat(2));
    }

    @Test
    void cutsWhatDoesNotFitOnDisk() {
        StorageBudget little = new StorageBudget(1 << 20, 0, 800);
        output.close();
        output = captured(little, 1 << 30);
        output.stdout("x".repeat(300 << 10).getBytes(UTF_8));
        output.stdout("y".getBytes(UTF_8));
        output.stderr("z".getBytes(UTF_8));
        assertThat(output.isStdoutCut()).isTrue();
        assertThat(output.isStderrCut()).isFalse();
        String kept = stdout(true);
        assertThat(kept).startsWith("xxx").endsWith("x" + MARKER).hasSizeGreaterThan(200 << 10);
        assertThat(stderr(false)).isEqualTo("z");
        output.close();
        assertThat(little.outputs().bytes()).isZero();
    }

    private CapturedOutput captured(StorageBudget budget, int limit) {
        SpoolDirectory directory = new SpoolDirectory(spool, budget);
        return new CapturedOutput(
                limit, directory.overflow(), directory.overflow(), new ShownResults(directory::overflow));
    }

    private String stdout(boolean truncated) {
        return text(json -> output.writeStdout(json, truncated));
    }

    private String stderr(boolean truncated) {
        return text(json -> output.writeStderr(json, truncated));
    }

    private interface Writing {
        void to(Writer json) throws IOException;
    }

    private static String text(Writing writing) {
        StringWriter json = new StringWriter();
        try {
            writing.to(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (JsonReader reader = Json.createReader(new StringReader(json.toString()))) {
            return ((JsonString) reader.readValue()).getString();
        }
    }
}
