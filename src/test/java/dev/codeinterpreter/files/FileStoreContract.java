package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does, wherever it keeps its files. */
public abstract class FileStoreContract {
    protected static final int MB = 1 << 20;
    protected static final Duration HOUR = Duration.ofHours(1);
    private static final Owner ALICE = new Owner("Alice/租户 \"\u0001");

    protected final MovableClock clock = new MovableClock();
    private final List<FileStore> opened = new ArrayList<>();

    /** A store of 40 MB, with files of 32 MB at most that live for an hour; after a restart, or a second one. */
    protected abstract FileStore open(FilesConfig config);

    /** Whether several processes may have the store at a time. */
    protected abstract boolean isShared();

    /** The configuration of a test's store, always the same. */
    protected abstract FilesConfig config(long maxFileBytes, Duration timeToLive, long maxStorageBytes);

    @AfterEach
    void closeStores() {
        opened.forEach(FileStore::close);
    }

    protected FileStore open() {
        FileStore store = open(config(32L * MB, HOUR, 40L * MB));
        opened.add(store);
        return store;
    }

    @Test
    void keepsAFileThroughARestart() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a/报告.csv", "hello");
        store.close();

        FileStore again = open();

        assertThat(again.find(Owner.DEFAULT, file.id())).contains(file);
        assertThat(content(again, file.id())).isEqualTo("hello");
        int _ = again.reap();
        assertThat(again.storedBytes()).isBetween(5L, 1000L);
        assertThat(again.fileCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/../b", "\u0000", " ", "~", "名字", "\uD83D\uDE00", "%2F", "a\r\nb: c"})
    void keepsAnyName(String name) throws IOException {
        FileStore store = open();
        StoredFile file = store(store, name, "x");
        assertThat(store.find(Owner.DEFAULT, file.id())).contains(file);
        assertThat(store.list(Owner.DEFAULT, 2)).containsExactly(file);
        assertThat(file.name()).isEqualTo(name);
    }

    @Test
    void keepsTheLongestNames() throws IOException {
        FileStore store = open();
        for (String name : List.of("报".repeat(1024), "\u0001".repeat(4096))) {
            StoredFile file = store(store, name, "x");
            clock.advance(Duration.ofMillis(1));
            assertThat(store.find(Owner.DEFAULT, file.id())).contains(file);
            assertThat(store.list(Owner.DEFAULT, 1)).containsExactly(file);
            assertThat(content(store, file.id())).isEqualTo("x");
            assertThat(store.delete(Owner.DEFAULT, file.id())).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_537, 8 * MB - 1, 8 * MB, 8 * MB + 1, 20 * MB + 3})
    void keepsEveryByte(int size) throws IOException {
        FileStore store = open();
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        StoredFile file = store(store, Owner.DEFAULT, "a", bytes);
        assertThat(file.size()).isEqualTo(size);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        store.open(Owner.DEFAULT, file.id()).orElseThrow().writeTo(read);
        assertThat(read.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void showsNothingBeforeTheCommit() throws IOException {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            file.write("abc".getBytes(StandardCharsets.UTF_8));
            file.write('d');
            assertThat(store.list(Owner.DEFAULT, 10)).isEmpty();
            assertThat(file.commit().size()).isEqualTo(4);
        }
        assertThat(store.list(Owner.DEFAULT, 10))
                .singleElement()
                .satisfies(file -> assertThat(content(store, file.id())).isEqualTo("abcd"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20 * MB})
    void discardsWhatIsNotCommitted(int size) {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            file.write(new byte[size], 0, size);
            assertThat(store.storedBytes()).isEqualTo(size);
            assertThat(store.storedBytes(Owner.DEFAULT)).isEqualTo(size);
        }
        assertThat(store.storedBytes()).isZero();
        assertThat(store.storedBytes(Owner.DEFAULT)).isZero();
        assertThat(store.list(Owner.DEFAULT, 10)).isEmpty();
        assertThat(unfinished()).isEmpty();
    }

    /** What uploads that were cut have left. */
    protected abstract List<?> unfinished();

    @Test
    void refusesAFileOverTheLimitAndKeepsNothingOfIt() {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            for (int i = 0; i < 32; i++) {
                file.write(new byte[MB], 0, MB);
            }
            assertRefused(() -> file.write(1), ErrorCode.TOO_LARGE, "File size exceeds maximum of 32 MB");
        }
        assertThat(store.storedBytes()).isZero();
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void refusesWhatDoesNotFitIntoTheStore() throws IOException {
        FileStore store = open();
        StoredFile first = store(store, ALICE, "a", new byte[30 * MB]);
        assertRefused(
                () -> store(store, Owner.DEFAULT, "b", new byte[11 * MB]),
                ErrorCode.STORAGE_FULL,
                "Stored files exceed maximum of 40 MB");
        assertThat(store.list(Owner.DEFAULT, 1)).isEmpty();
        assertThat(unfinished()).isEmpty();
        assertThat(store.delete(ALICE, first.id())).isTrue();
        StoredFile _ = store(store, Owner.DEFAULT, "b", new byte[11 * MB]);
    }

    @Test
    void forgetsAFileAtItsTimeAndRemovesItLater() throws IOException {
        FileStore store = open();
        StoredFile old = store(store, "old", "1");
        StoredFile hers = store(store, ALICE, "hers", new byte[1]);
        clock.advance(HOUR.minusMillis(1));
        StoredFile recent = store(store, "new", "2");
        assertThat(store.find(Owner.DEFAULT, old.id())).contains(old);
        assertThat(store.reap()).isZero();

        clock.advance(Duration.ofMillis(1));

        assertThat(store.find(Owner.DEFAULT, old.id())).isEmpty();
        assertThat(store.open(Owner.DEFAULT, old.id())).isEmpty();
        assertThat(store.delete(Owner.DEFAULT, old.id())).isFalse();
        assertThat(store.list(Owner.DEFAULT, 10)).containsExactly(recent);
        assertThat(store.list(ALICE, 10)).isEmpty();
        assertThat(store.find(ALICE, hers.id())).isEmpty();
        assertThat(store.reap()).isEqualTo(2);
        assertThat(store.reap()).isZero();
        assertThat(store.fileCount()).isEqualTo(1);
    }

    @Test
    void letsAReaderFinishAfterTheFileIsGone() throws IOException {
        FileStore store = open();
        byte[] bytes = new byte[10 * MB];
        new Random(1).nextBytes(bytes);
        for (boolean expires : new boolean[] {false, true}) {
            StoredFile file = store(store, Owner.DEFAULT, "a", bytes);
            try (StoredContent content = store.open(Owner.DEFAULT, file.id()).orElseThrow()) {
                assertThat(content.stream().read()).isEqualTo(bytes[0] & 0xFF);
                if (expires) {
                    clock.advance(HOUR);
                    assertThat(store.reap()).isEqualTo(1);
                } else {
                    assertThat(store.delete(Owner.DEFAULT, file.id())).isTrue();
                    assertThat(store.open(Owner.DEFAULT, file.id())).isEmpty();
                }
                assertThat(content.stream().readAllBytes()).hasSize(bytes.length - 1);
            }
            int _ = store.reap();
            assertThat(store.fileCount()).isZero();
            assertThat(store.storedBytes()).isZero();
        }
    }

    @Test
    void deletesOnce() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a", "hello");
        assertThat(store.delete(Owner.DEFAULT, FileId.random())).isFalse();
        assertThat(store.delete(Owner.DEFAULT, file.id())).isTrue();
        assertThat(store.delete(Owner.DEFAULT, file.id())).isFalse();
        assertThat(store.find(Owner.DEFAULT, file.id())).isEmpty();
        assertThat(store.storedBytes()).isZero();
    }

    @Test
    void listsTheNewestFirstInPages() throws IOException {
        FileStore store = open();
        List<StoredFile> files = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            files.addFirst(store(store, "same name", ""));
            clock.advance(Duration.ofSeconds(1));
        }
        StoredFile _ = store(store, ALICE, "hers", new byte[1]);

        assertThat(store.list(Owner.DEFAULT, 100)).containsExactlyElementsOf(files);
        assertThat(store.list(Owner.DEFAULT, 2)).containsExactlyElementsOf(files.subList(0, 2));
        assertThat(store.list(Owner.DEFAULT, 2, files.get(1))).containsExactlyElementsOf(files.subList(2, 4));
        assertThat(store.list(Owner.DEFAULT, 2, files.getLast())).isEmpty();
        assertThat(store.delete(Owner.DEFAULT, files.get(1).id())).isTrue();
        assertThat(store.list(Owner.DEFAULT, 2, files.get(1))).containsExactlyElementsOf(files.subList(2, 4));
        Iterator<StoredFile> end = store.list(Owner.DEFAULT, Optional.of(files.getLast()));
        assertThatThrownBy(end::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void keepsOwnersApart() throws IOException {
        FileStore store = open();
        StoredFile hers = store(store, ALICE, "a", new byte[7]);
        StoredFile other = store(store, "b", "b");

        assertThat(store.find(Owner.DEFAULT, hers.id())).isEmpty();
        assertThat(store.open(Owner.DEFAULT, hers.id())).isEmpty();
        assertThat(store.delete(Owner.DEFAULT, hers.id())).isFalse();
        assertThat(store.list(Owner.DEFAULT, 10)).containsExactly(other);
        assertThat(store.list(Owner.DEFAULT, 10, hers)).doesNotContain(hers);
        assertThat(store.list(ALICE, 10)).containsExactly(hers);
        assertThat(store.list(new Owner("bob"), 10)).isEmpty();
        assertThat(store.storedBytes(ALICE)).isGreaterThanOrEqualTo(7);
        assertThat(store.storedBytes(ALICE) + store.storedBytes(Owner.DEFAULT)).isEqualTo(store.storedBytes());
    }

    @Test
    void countsTheFilesOfEachOwner() {
        FileStore store = open();
        StoredFile hers = store(store, ALICE, "", new byte[0]);
        StoredFile _ = store(store, ALICE, "", new byte[1]);
        StoredFile _ = store(store, Owner.DEFAULT, "", new byte[0]);
        try (NewFile _ = store.create(ALICE, "")) {
            assertThat(store.fileCount(ALICE)).as("with the one that arrives").isEqualTo(3);
        }
        assertThat(store.fileCount(ALICE)).isEqualTo(2);
        assertThat(store.fileCount(new Owner("bob"))).isZero();
        assertThat(store.delete(ALICE, hers.id())).isTrue();
        assertThat(store.fileCount(ALICE)).isEqualTo(1);
        store.close();
        FileStore again = open();
        int _ = again.reap();
        assertThat(again.fileCount(ALICE)).isEqualTo(1);
        assertThat(again.fileCount(Owner.DEFAULT)).isEqualTo(1);
    }

    /** Two replicas where there may be two: every file that was answered for is there, none that was deleted is. */
    @Test
    void answersTrulyUnderLoad() throws Exception {
        FileStore first = open();
        FileStore second = isShared() ? open() : first;
        Set<FileId> kept = ConcurrentHashMap.newKeySet();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> results = new ArrayList<>();
            for (int worker = 0; worker < 4; worker++) {
                FileStore writer = worker % 2 == 0 ? first : second;
                FileStore other = worker % 2 == 0 ? second : first;
                results.add(threads.submit(() -> {
                    for (int i = 0; i < 15; i++) {
                        StoredFile file = store(writer, "n" + i, "content " + i);
                        assertThat(content(other, file.id())).isEqualTo("content " + i);
                        assertThat(other.list(Owner.DEFAULT, 1000)).contains(file);
                        if (i % 5 == 0) {
                            assertThat(other.delete(Owner.DEFAULT, file.id())).isTrue();
                            assertThat(writer.find(Owner.DEFAULT, file.id())).isEmpty();
                        } else {
                            kept.add(file.id());
                        }
                        other.reap();
                    }
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
        assertThat(second.list(Owner.DEFAULT, 1000).stream().map(StoredFile::id))
                .containsExactlyInAnyOrderElementsOf(kept);
        for (FileStore store : List.of(first, second)) {
            store.reap();
            assertThat(store.fileCount()).isEqualTo(kept.size());
        }
    }

    protected static StoredFile store(FileStore store, String name, String content) throws IOException {
        return store(store, Owner.DEFAULT, name, content.getBytes(StandardCharsets.UTF_8));
    }

    protected static StoredFile store(FileStore store, Owner owner, String name, byte[] content) {
        try (NewFile file = store.create(owner, name)) {
            for (int from = 0; from < content.length; from += 65_536) {
                file.write(content, from, Math.min(65_536, content.length - from));
            }
            return file.commit();
        }
    }

    protected static String content(FileStore store, FileId id) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        store.open(Owner.DEFAULT, id).orElseThrow().writeTo(content);
        return content.toString(StandardCharsets.UTF_8);
    }

    protected static void assertRefused(Runnable action, ErrorCode code, String message) {
        assertThatThrownBy(action::run)
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
