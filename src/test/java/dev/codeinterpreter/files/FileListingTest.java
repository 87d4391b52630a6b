package dev.codeinterpreter.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileListingTest {
    private static final int PAGE_BYTES = 20_000;

    @TempDir
    Path directory;

    private FileStore store;

    @BeforeEach
    void open() {
        store = new FileStore(
                new FilesConfig(directory.resolve("store"), 1 << 20, Duration.ofHours(1), 10 << 20),
                new MovableClock());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void endsAtItsLimitAndSaysWhetherThereIsMore() throws IOException {
        List<String> ids = store(40, "x");
        JsonObject first = page(17, Optional.empty());
        assertThat(ids(first)).isEqualTo(ids.subList(0, 17));
        assertThat(first.getBoolean("has_more")).isTrue();
        JsonObject rest = page(23, last(first));
        assertThat(ids(rest)).isEqualTo(ids.subList(17, 40));
        assertThat(rest.keySet()).containsExactly("files");
        assertThat(page(5, last(rest))).hasToString("{\"files\":[]}");
    }

    @Test
    void endsEarlyWhenNamesAreLongAndMissesNone() throws IOException {
        List<String> ids = store(100, "\u0001".repeat(1024));
        List<String> found = new ArrayList<>();
        Optional<StoredFile> after = Optional.empty();
        JsonObject page;
        do {
            page = page(10_000, after);
            assertThat(page.toString().getBytes(UTF_8)).hasSizeLessThan(PAGE_BYTES + 7000);
            found.addAll(ids(page));
            after = last(page);
        } while (page.containsKey("has_more"));
        assertThat(found).isEqualTo(ids);
    }

    @Test
    void goesOnAfterAFileThatIsDeletedMeanwhile() throws IOException {
        List<String> ids = store(3, "x");
        Optional<StoredFile> second =
                store.find(Owner.DEFAULT, FileId.parse(ids.get(1)).orElseThrow());
        FileListing page = new FileListing(store, Owner.DEFAULT, 10, second);
        assertThat(store.delete(Owner.DEFAULT, second.orElseThrow().id())).isTrue();
        assertThat(ids(written(page))).containsExactly(ids.get(2));
    }

    /** The newest first, which is the order of their ids: the clock stands still. */
    private List<String> store(int count, String name) {
        for (int i = 0; i < count; i++) {
            try (NewFile file = store.create(Owner.DEFAULT, name)) {
                StoredFile _ = file.commit();
            }
        }
        return store.list(Owner.DEFAULT, count).stream()
                .map(file -> file.id().toString())
                .toList();
    }

    private JsonObject page(int limit, Optional<StoredFile> after) throws IOException {
        return written(new FileListing(store, Owner.DEFAULT, limit, after, PAGE_BYTES));
    }

    private static JsonObject written(FileListing page) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        page.writeTo(answer);
        return Json.createReader(new StringReader(answer.toString(UTF_8))).readObject();
    }

    private Optional<StoredFile> last(JsonObject page) {
        List<String> ids = ids(page);
        return FileId.parse(ids.getLast()).flatMap(id -> store.find(Owner.DEFAULT, id));
    }

    private static List<String> ids(JsonObject page) {
        return page.getJsonArray("files").getValuesAs(JsonObject.class).stream()
                .map(file -> file.getString("file_id"))
                .toList();
    }
}
