package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.run.RunResult.OutputFile;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShownResultsTest {
    private static final String ID = "3f2a9c4e-8a53-4a3b-9d0e-0c7a3f5b1d21";

    @TempDir
    Path directory;

    private final StorageBudget budget = new StorageBudget(1 << 30);

    @AfterEach
    void leavesNothing() {
        assertThat(budget.outputs().bytes()).isZero();
        assertThat(budget.outputs().heap().used()).isZero();
    }

    @Test
    void writesAnItemAsTheContractHasIt() throws IOException {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("text/html", "<b>\"1\"</b>\n\u2028\u0085".getBytes(UTF_8));
        forms.put("text/plain", new byte[] {'a', (byte) 0xFF, 0});
        forms.put("application/geo+json", "{\"b\": [1, null, 1e3],\n \"a\": \"\\u00e9\u2029\"}".getBytes(UTF_8));
        OutputFile file = new OutputFile("figure-1.png", FileId.parse(ID).orElseThrow(), 7);
        String json = json(true, forms, List.of(new ShownItem.ShownFile("image/png", file)));
        assertThat(json)
                .isEqualTo("{\"type\":\"execute_result\",\"data\":{\"text/plain\":\"a\uFFFD\\u0000\","
                        + "\"text/html\":\"<b>\\\"1\\\"</b>\\n\\u2028\\u0085\","
                        + "\"application/geo+json\":{\"b\":[1,null,1e3],\"a\":\"é\\u2029\"}},"
                        + "\"files\":[{\"mime_type\":\"image/png\",\"path\":\"figure-1.png\",\"file_id\":\"%s\",\"size_bytes\":7}]}"
                                .formatted(ID));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1.50E+2",
                "\"\"",
                "[]",
                "{}",
                "[[],{},[1,[2]]]",
                "{\"a\":{\"b\":[{}]},\"c\":null}",
                "true",
                "[\"\\\"\\\\\\n\\u0001\",false]",
                "{\"\\\"\":1}"
            })
    void keepsWhatIsJson(String text) throws IOException {
        assertThat(json(text))
                .isEqualTo(
                        "{\"type\":\"display_data\",\"data\":{\"text/plain\":\"\",\"application/json\":%s},\"files\":[]}"
                                .formatted(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1",
                "nan",
                "NaN",
                "{} {}",
                "{'a': 1}",
                "\u0000",
                "[\n}",
                "1e",
                "\"\n\"",
                "1],[2",
                "1,2",
                "[1,]",
                "[,1]",
                "{\"a\"}",
                "1 2",
                "//x",
                "[1}",
                "{\"a\":1,}"
            })
    void leavesOutWhatIsNoJson(String text) throws IOException {
        assertThat(json(text))
                .isEqualTo(
                        "{\"type\":\"display_data\",\"data\":{\"text/plain\":\"\"},\"files\":[],\"truncated\":true}");
    }

    @Test
    void isNotExhaustedByJson() throws IOException {
        for (String text :
                List.of("[".repeat(100_000), "9".repeat(100_000), "1e1000000000", "{\"a\":".repeat(10_000))) {
            assertThat(json(text)).hasSizeLessThan(200).endsWith("\"truncated\":true}");
        }
    }

    @Test
    void listsTheValueLast() throws IOException {
        ShownResults results = results(budget);
        add(results, "1", false);
        add(results, "2", true);
        add(results, "3", false);
        assertThat(list(results))
                .isEqualTo("[" + item("1") + "," + item("3") + "," + item("2").replace("display_data", "execute_result")
                        + "]");
        assertThat(list(results(budget))).isEqualTo("[]");
    }

    @Test
    void leavesOutWhatThereIsNoRoomFor() throws IOException {
        StorageBudget small = new StorageBudget(4 << 20, 0, 800);
        ShownResults results = results(small);
        String large = "\"%s\"".formatted("x".repeat(300_000));
        for (int i = 0; i < 20; i++) {
            add(results, large, false);
        }
        add(results, "2", true);
        String list = list(results);
        String whole = item(large);
        assertThat(list).startsWith("[" + whole).endsWith(whole + "]");
        assertThat((list.length() - 1) % (whole.length() + 1)).isZero();
        assertThat(list.length()).isBetween(whole.length(), 19 * whole.length());
        assertThat(small.outputs().bytes()).isZero();
    }

    private static String item(String json) {
        return "{\"type\":\"display_data\",\"data\":{\"text/plain\":\"\",\"application/json\":%s},\"files\":[]}"
                .formatted(json);
    }

    private void add(ShownResults results, String json, boolean value) {
        try (SpillBuffer form = buffer(json.getBytes(UTF_8))) {
            results.add(new ShownItem(value, Map.of("application/json", form), List.of(), false));
        }
    }

    private String json(String text) throws IOException {
        return json(false, Map.of("application/json", text.getBytes(UTF_8)), List.of());
    }

    private String json(boolean value, Map<String, byte[]> forms, List<ShownItem.ShownFile> files) throws IOException {
        Map<String, SpillBuffer> buffers = new LinkedHashMap<>();
        forms.forEach((type, bytes) -> buffers.put(type, buffer(bytes)));
        try (SpillBuffer written = spool(budget).overflow()) {
            ShownJson.write(new ShownItem(value, buffers, files, false), spool(budget)::overflow, written);
            try (InputStream in = written.open()) {
                return new String(in.readAllBytes(), UTF_8);
            }
        } finally {
            buffers.values().forEach(SpillBuffer::close);
        }
    }

    private SpillBuffer buffer(byte[] bytes) {
        SpillBuffer buffer = spool(budget).overflow();
        buffer.write(bytes);
        return buffer;
    }

    private SpoolDirectory spool(StorageBudget limits) {
        return new SpoolDirectory(directory, limits);
    }

    private ShownResults results(StorageBudget limits) {
        return new ShownResults(spool(limits)::overflow);
    }

    private static String list(ShownResults results) throws IOException {
        try (results) {
            ByteArrayOutputStream list = new ByteArrayOutputStream();
            results.finish();
            results.writeTo(list);
            return list.toString(UTF_8);
        }
    }
}
