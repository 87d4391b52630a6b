package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.run.RunResult.OutputFile;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShownResultsTest {
    private static final String ID = "3f2a9c4e-8a53-4a3b-9d0e-0c7a3f5b1d21";

    @TempDir
    Path directory;

    @Test
    void writesAnItemAsTheContractHasIt() {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("text/html", "<b>\"1\"</b>\n".getBytes(UTF_8));
        forms.put("text/plain", new byte[] {'a', (byte) 0xFF, 0});
        forms.put("application/geo+json", "{\"b\": [1, null, 1e3],\n \"a\": \"\\u00e9\"}".getBytes(UTF_8));
        OutputFile file = new OutputFile("figure-1.png", FileId.parse(ID).orElseThrow(), 7);
        ShownItem item = new ShownItem(true, forms, List.of(new ShownItem.ShownFile("image/png", file)), false);
        assertThat(ShownJson.of(item))
                .startsWith("{\"type\":\"execute_result\",\"data\":{\"text/plain\":\"a\uFFFD\\u0000\"");
        assertThat(ShownJson.of(item))
                .contains("\"text/html\":\"<b>\\\"1\\\"</b>\\n\"")
                .contains("\"application/geo+json\":{\"b\":[1,null,1E+3],\"a\":\"é\"}")
                .endsWith(
                        "},\"files\":[{\"mime_type\":\"image/png\",\"path\":\"figure-1.png\",\"file_id\":\"%s\",\"size_bytes\":7}]}"
                                .formatted(ID));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "nan", "NaN", "{} {}", "{'a': 1}", "\u0000", "[\n}", "1e", "\"\n\""})
    void leavesOutWhatIsNoJson(String text) {
        ShownItem item = new ShownItem(false, Map.of("application/json", text.getBytes(UTF_8)), List.of(), false);
        assertThat(ShownJson.of(item))
                .isEqualTo(
                        "{\"type\":\"display_data\",\"data\":{\"text/plain\":\"\"},\"files\":[],\"truncated\":true}");
    }

    @Test
    void isNotExhaustedByJson() {
        for (String text :
                List.of("[".repeat(100_000), "9".repeat(100_000), "1e1000000000", "{\"a\":".repeat(10_000))) {
            ShownItem item = new ShownItem(false, Map.of("application/json", text.getBytes(UTF_8)), List.of(), false);
            assertThat(ShownJson.of(item).length()).isLessThan(200);
        }
    }

    @Test
    void listsTheValueLast() throws IOException {
        ShownResults results = results(new StorageBudget(1 << 30));
        results.add("1", false);
        results.add("2", true);
        results.add("3", false);
        assertThat(list(results)).isEqualTo("[1,3,2]");
        assertThat(list(results(new StorageBudget(1 << 30)))).isEqualTo("[]");
    }

    @Test
    void leavesOutWhatThereIsNoRoomFor() throws IOException {
        ShownResults results = results(new StorageBudget(4 << 20, 0, 800));
        String large = "\"%s\"".formatted("x".repeat(300_000));
        for (int i = 0; i < 20; i++) {
            results.add(large, false);
        }
        results.add("2", true);
        String list = list(results);
        assertThat(list).startsWith("[\"xxx").endsWith("xxx\"]");
        assertThat((list.length() - 1) % (large.length() + 1)).isZero();
        assertThat(list.length()).isBetween(large.length(), 19 * large.length());
    }

    private ShownResults results(StorageBudget budget) {
        return new ShownResults(new SpoolDirectory(directory, budget).overflow());
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
