package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    private static final int KB = 1 << 10;
    private static final int MB = 1 << 20;
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path temporary;

    private final MovableClock clock = new MovableClock();
    private final List<FileStore> opened = new ArrayList<>();

    @AfterEach
    void closeStores() {
        opened.forEach(FileStore::close);
    }

    @Test
    void keepsAFileThroughARestart() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a/报告.csv", "hello");
        store.close();

        FileStore again = open();

        assertThat(again.find(Owner.DEFAULT, file.id())).contains(file);
        assertThat(content(again, file.id())).isEqualTo("hello");
        assertThat(again.storedBytes()).isEqualTo(5);
        assertThat(again.fileCount()).isEqualTo(1);
    }

    @Test
    void showsNothingBeforeTheCommit() throws IOException {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            file.write("abc".getBytes(StandardCharsets.UTF_8));
            file.write('d');

            assertThat(store.list(Owner.DEFAULT, 10)).isEmpty();
            StoredFile committed = file.commit();
            assertThat(committed.size()).isEqualTo(4);
        }
        assertThat(store.list(Owner.DEFAULT, 10))
                .singleElement()
                .satisfies(file -> assertThat(content(store, file.id())).isEqualTo("abcd"));
    }

    @Test
    void discardsWhatIsNotCommitted() throws IOException {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            file.write(new byte[MB], 0, MB);
            assertThat(store.storedBytes()).isEqualTo(MB);
        }
        assertThat(store.storedBytes()).isZero();
        assertThat(root().resolve("incoming")).isEmptyDirectory();
    }

    @Test
    void keepsFilesForItsOwnerAlone() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a", "b");

        try (Stream<Path> paths = Files.walk(root())) {
            for (Path path : paths.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as("%s", path)
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
        assertThat(root().resolve(file.id().toString())).isDirectory();
    }

    @Test
    void refusesAFileOverTheLimitAndKeepsNothingOfIt() throws IOException {
        FileStore store = open();
        try (NewFile file = store.create(Owner.DEFAULT, "a")) {
            byte[] block = new byte[MB];
            file.write(block, 0, MB);
            file.write(block, 0, MB);

            assertRefused(() -> write(file, 1), ErrorCode.TOO_LARGE, "File size exceeds maximum of 2 MB");
        }
        assertThat(store.storedBytes()).isZero();
    }

    @Test
    void refusesWhatDoesNotFitIntoTheStore() throws IOException {
        FileStore store = open();
        store(store, "a", "x".repeat(2 * MB));
        try (NewFile file = store.create(Owner.DEFAULT, "b")) {
            write(file, MB);

            assertRefused(() -> write(file, 1), ErrorCode.STORAGE_FULL, "Stored files exceed maximum of 3 MB");
        }
        store.delete(Owner.DEFAULT, store.list(Owner.DEFAULT, 1).getFirst().id());
        store(store, "c", "x".repeat(2 * MB));
    }

    @Test
    void doesNotLetConcurrentUploadsPassTheQuotaTogether() throws Exception {
        FileStore store = open();
        int uploads = 16;
        CyclicBarrier barrier = new CyclicBarrier(uploads);
        Callable<Boolean> upload = () -> {
            try (NewFile file = store.create(Owner.DEFAULT, "a")) {
                barrier.await();
                for (int i = 0; i < 64; i++) {
                    write(file, 16 * KB);
                }
                file.commit();
                return true;
            } catch (ServiceException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                return false;
            }
        };
        int stored = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(uploads)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < uploads; i++) {
                results.add(threads.submit(upload));
            }
            for (Future<Boolean> result : results) {
                stored += result.get() ? 1 : 0;
            }
        }
        assertThat(stored).isLessThanOrEqualTo(3);
        assertThat(store.storedBytes()).isEqualTo((long) stored * MB);
        assertThat(store.list(Owner.DEFAULT, 100)).hasSize(stored);
        assertThat(root().resolve("incoming")).isEmptyDirectory();
    }

    @Test
    void forgetsAFileAtItsTimeAndDeletesItLater() throws IOException {
        FileStore store = open();
        StoredFile old = store(store, "old", "1");
        clock.advance(HOUR.minusMillis(1));
        StoredFile recent = store(store, "new", "2");
        assertThat(store.find(Owner.DEFAULT, old.id())).contains(old);

        clock.advance(Duration.ofMillis(1));

        assertThat(store.find(Owner.DEFAULT, old.id())).isEmpty();
        assertThat(store.open(Owner.DEFAULT, old.id())).isEmpty();
        assertThat(store.delete(Owner.DEFAULT, old.id())).isFalse();
        assertThat(store.list(Owner.DEFAULT, 10)).containsExactly(recent);
        assertThat(root().resolve(old.id().toString())).exists();
        assertThat(store.reap()).isEqualTo(1);
        assertThat(root().resolve(old.id().toString())).doesNotExist();
        assertThat(root().resolve("outgoing")).isEmptyDirectory();
        assertThat(store.storedBytes()).isEqualTo(1);
    }

    @Test
    void letsAReaderFinishAfterTheFileIsGone() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a", "hello world");
        try (StoredContent content = store.open(Owner.DEFAULT, file.id()).orElseThrow()) {
            assertThat(content.stream().read()).isEqualTo('h');
            clock.advance(HOUR);
            store.reap();

            assertThat(content.size()).isEqualTo(11);
            assertThat(content.stream().readAllBytes()).hasSize(10);
        }
        assertThat(store.fileCount()).isZero();
    }

    /** Six times 100 MB came to be on disk with a limit of 200: deleted while they were downloaded, they counted no more. */
    @Test
    void countsADeletedFileUntilItsLastReaderHasClosedIt() throws IOException {
        FileStore store = open();
        for (int i = 0; i < 2; i++) {
            StoredFile file = store(store, "a", "x".repeat(2 * MB));
            StoredContent first = store.open(Owner.DEFAULT, file.id()).orElseThrow();
            StoredContent second = store.open(Owner.DEFAULT, file.id()).orElseThrow();
            if (i == 0) {
                assertThat(store.delete(Owner.DEFAULT, file.id())).isTrue();
            } else {
                clock.advance(HOUR);
                assertThat(store.reap()).isEqualTo(1);
            }
            assertThat(store.open(Owner.DEFAULT, file.id())).isEmpty();
            first.close();
            first.close();
            assertThat(store.storedBytes()).isEqualTo(2 * MB);
            try (NewFile next = store.create(Owner.DEFAULT, "b")) {
                assertRefused(() -> write(next, 2 * MB), ErrorCode.STORAGE_FULL, "Stored files exceed maximum of 3 MB");
            }
            second.close();
            assertThat(store.storedBytes()).isZero();
        }
    }

    @Test
    void sweepsSpoolsThatAnEarlierProcessLeft() throws IOException {
        open().close();
        Files.writeString(root().resolve("spool/x.spool"), "left");
        assertThat(open().fileCount()).isZero();
        assertThat(root().resolve("spool")).isEmptyDirectory();
    }

    @Test
    void followsNoLinkOfAnother() throws IOException {
        open().close();
        Files.delete(root().resolve("incoming"));
        Path precious = Files.createDirectory(temporary.resolve("precious"));
        Files.writeString(precious.resolve("file"), "x");
        Files.createSymbolicLink(root().resolve("incoming"), precious);

        assertThatThrownBy(this::open)
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith("FILE_STORAGE_DIR " + root() + " cannot be used: ");
        assertThat(precious.resolve("file")).exists();
    }

    @Test
    void refusesADirectoryThatEverybodyMayWrite() throws IOException {
        open().close();
        Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(this::open)
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("every user may write to it (mode 0777)");
    }

    @Test
    void deletesOnce() throws IOException {
        FileStore store = open();
        StoredFile file = store(store, "a", "hello");

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

        assertThat(store.list(Owner.DEFAULT, 100)).containsExactlyElementsOf(files);
        assertThat(store.list(Owner.DEFAULT, 2)).containsExactlyElementsOf(files.subList(0, 2));
        assertThat(store.list(Owner.DEFAULT, 2, files.get(1))).containsExactlyElementsOf(files.subList(2, 4));
        assertThat(store.list(Owner.DEFAULT, 2, files.getLast())).isEmpty();
    }

    @Test
    void keepsOwnersApart() throws IOException {
        FileStore store = open();
        Owner alice = new Owner("alice");
        StoredFile hers = store(store, alice, "a", "alice's");
        StoredFile other = store(store, Owner.DEFAULT, "b", "b");

        assertThat(store.find(Owner.DEFAULT, hers.id())).isEmpty();
        assertThat(store.open(Owner.DEFAULT, hers.id())).isEmpty();
        assertThat(store.delete(Owner.DEFAULT, hers.id())).isFalse();
        assertThat(store.list(Owner.DEFAULT, 10)).containsExactly(other);
        assertThat(store.list(Owner.DEFAULT, 10, hers)).doesNotContain(hers);
        assertThat(store.list(alice, 10)).containsExactly(hers);
        assertThat(store.list(new Owner("bob"), 10, hers)).isEmpty();
        assertThat(store.storedBytes(alice)).isEqualTo(7);
        assertThat(store.storedBytes(Owner.DEFAULT)).isEqualTo(1);
        assertThat(store.storedBytes()).isEqualTo(8);

        clock.advance(HOUR);
        assertThat(store.reap()).isEqualTo(2);
        assertThat(store.storedBytes(alice)).isZero();
    }

    @Test
    void knowsTheOwnerAfterARestart() throws IOException {
        FileStore store = open();
        Owner owner = new Owner("a/租户 \"\u0001");
        StoredFile file = store(store, owner, "a", "b");
        store.close();

        FileStore again = open();

        assertThat(again.list(owner, 10)).containsExactly(file);
        assertThat(again.storedBytes(owner)).isEqualTo(1);
    }

    @Test
    void givesFilesOfVersionsWithoutOwnersToTheDefaultOne() throws IOException {
        FileStore first = open();
        StoredFile file = store(first, "a", "12345");
        first.close();
        Files.writeString(
                root().resolve(file.id() + "/meta.json"),
                "{\"name\":\"a\",\"size\":5,\"upload_time\":\"%s\"}".formatted(file.uploadTime()));

        assertThat(open().find(Owner.DEFAULT, file.id())).contains(file);
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        open();

        assertThatThrownBy(this::open)
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("FILE_STORAGE_DIR " + root() + " is in use by another process");
    }

    @Test
    void namesADirectoryThatCannotBeUsed() throws IOException {
        Files.writeString(root(), "a file");

        assertThatThrownBy(this::open)
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("FILE_STORAGE_DIR " + root());
    }

    @Test
    void sweepsWhatAnEarlierProcessLeftHalfDone() throws IOException {
        open().close();
        Path half = Files.createDirectory(root().resolve("incoming/" + UUID.randomUUID()));
        Files.writeString(half.resolve("content"), "abc");
        Files.writeString(half.resolve("meta.json"), "{");
        Files.createDirectory(root().resolve("outgoing/" + UUID.randomUUID()));
        Files.writeString(root().resolve("outgoing/stray"), "");

        FileStore store = open();

        assertThat(store.list(Owner.DEFAULT, 10)).isEmpty();
        assertThat(root().resolve("incoming")).isEmptyDirectory();
        assertThat(root().resolve("outgoing")).isEmptyDirectory();
    }

    @Test
    void leavesAloneWhatItDoesNotUnderstand() throws IOException {
        FileStore first = open();
        StoredFile good = store(first, "good", "12345");
        first.close();
        List<Path> foreign = List.of(
                Files.writeString(root().resolve("notes.txt"), "mine"),
                Files.createDirectory(root().resolve("not-an-id")),
                Files.createDirectory(root().resolve(UUID.randomUUID().toString())),
                damaged(good, "content", "1234"),
                damaged(good, "meta.json", ""),
                damaged(good, "meta.json", "not json"),
                damaged(good, "meta.json", "[]"),
                damaged(good, "meta.json", "{\"name\":5,\"size\":5,\"upload_time\":\"2026-01-02T03:04:05Z\"}"),
                damaged(good, "meta.json", "{\"name\":\"a\",\"size\":5.5,\"upload_time\":\"2026-01-02T03:04:05Z\"}"),
                damaged(good, "meta.json", "{\"name\":\"a\",\"size\":5,\"upload_time\":\"yesterday\"}"),
                damaged(
                        good,
                        "meta.json",
                        "{\"owner\":5,\"name\":\"a\",\"size\":5,\"upload_time\":\"2026-01-02T03:04:05Z\"}"),
                damaged(good, "meta.json", "[".repeat(5000)),
                damaged(good, "meta.json", " ".repeat(100_000)),
                linked(good));

        FileStore store = open();

        assertThat(store.list(Owner.DEFAULT, 100)).containsExactly(good);
        assertThat(foreign).allSatisfy(path -> assertThat(path).exists());
    }

    /** Every state that a process can die in, between two calls to the system, leads to all of a file or none of it. */
    @Test
    void survivesADeathAtAnyPoint() throws IOException {
        FileStore store = open();
        StoredFile kept = store(store, "kept", "kept");
        List<Path> snapshots = new ArrayList<>();
        try (NewFile file = store.create(Owner.DEFAULT, "new")) {
            snapshots.add(snapshot());
            file.write("half".getBytes(StandardCharsets.UTF_8));
            snapshots.add(snapshot());
            StoredFile committed = file.commit();
            snapshots.add(snapshot());
            store.delete(Owner.DEFAULT, committed.id());
            snapshots.add(snapshot());
        }
        for (Path snapshot : snapshots) {
            FileStore reopened = open(snapshot);
            assertThat(reopened.find(Owner.DEFAULT, kept.id())).isPresent();
            for (StoredFile file : reopened.list(Owner.DEFAULT, 10)) {
                assertThat(content(reopened, file.id())).hasSize((int) file.size());
            }
            assertThat(reopened.storedBytes())
                    .isEqualTo(reopened.list(Owner.DEFAULT, 10).stream()
                            .mapToLong(StoredFile::size)
                            .sum());
        }
    }

    private Path root() {
        return temporary.resolve("store");
    }

    private FileStore open() {
        return open(root());
    }

    private FileStore open(Path directory) {
        FileStore store = new FileStore(new FilesConfig(directory, 2L * MB, HOUR, 3L * MB), clock);
        opened.add(store);
        return store;
    }

    private static StoredFile store(FileStore store, String name, String content) throws IOException {
        return store(store, Owner.DEFAULT, name, content);
    }

    private static StoredFile store(FileStore store, Owner owner, String name, String content) throws IOException {
        try (NewFile file = store.create(owner, name)) {
            file.write(content.getBytes(StandardCharsets.UTF_8));
            return file.commit();
        }
    }

    private static void write(NewFile file, int bytes) {
        file.write(new byte[bytes], 0, bytes);
    }

    private static String content(FileStore store, FileId id) throws IOException {
        try (StoredContent content = store.open(Owner.DEFAULT, id).orElseThrow()) {
            return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path damaged(StoredFile file, String part, String content) throws IOException {
        Path copy = root().resolve(UUID.randomUUID().toString());
        copy(root().resolve(file.id().toString()), copy);
        Files.writeString(copy.resolve(part), content);
        return copy;
    }

    private Path linked(StoredFile file) throws IOException {
        Path copy = damaged(file, "content", "");
        Files.delete(copy.resolve("content"));
        Files.createSymbolicLink(copy.resolve("content"), Path.of("/etc/passwd"));
        return copy;
    }

    private Path snapshot() throws IOException {
        Path copy = temporary.resolve(UUID.randomUUID().toString());
        copy(root(), copy);
        return copy;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void assertRefused(Runnable action, ErrorCode code, String message) {
        assertThatThrownBy(action::run)
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
