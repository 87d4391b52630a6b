package dev.codeinterpreter.files.shared;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.files.FileStorage;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreContract;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=shared, on a directory of this machine. */
class SharedStoreTest extends FileStoreContract {
    @TempDir
    Path directory;

    @Override
    protected FilesConfig config(long maxFileBytes, Duration timeToLive, long maxStorageBytes) {
        return new FilesConfig(
                FileStorage.SHARED,
                directory.resolve("store"),
                directory.resolve("spool"),
                maxFileBytes,
                timeToLive,
                maxStorageBytes,
                BucketConfig.NONE);
    }

    @Override
    protected FileStore open(FilesConfig config) {
        return open(config, Duration.ofSeconds(15));
    }

    private FileStore open(FilesConfig config, Duration lockTimeout) {
        SharedFiles files =
                new SharedFiles(config, clock, StorageBudget.ofFiles(config.maxStorageBytes()), lockTimeout);
        return new FileStore(config, clock, files, FileStoreListener.NONE);
    }

    @Override
    protected boolean isShared() {
        return true;
    }

    @Override
    protected List<?> unfinished() {
        return List.of(
                requireNonNull(directory.resolve("store/incoming").toFile().list()));
    }

    /** What a process leaves that dies between the two writes of a change. */
    @Test
    void countsAnewWhenAnotherHasDiedInTheMiddle() throws IOException {
        FileStore store = open();
        var _ = store(store, "a", "hello");
        long bytes = store.storedBytes();
        for (String left : new String[] {"dirty\n", "sums 1\ndefault 1", "", "sums 1\ndefault x y\nend\n"}) {
            Files.writeString(directory.resolve("store/ledger"), left);
            var file = store(store, "b", "hello");
            assertThat(store.fileCount()).as(left).isEqualTo(2);
            assertThat(store.storedBytes()).as(left).isEqualTo(2 * bytes);
            store.delete(file.owner(), file.id());
        }
    }

    @Test
    void leavesAloneWhatItDoesNotUnderstand() throws IOException {
        FileStore store = open();
        var good = store(store, "good", "12345");
        Path owner = directory.resolve("store/files/default");
        Path damaged = owner.resolve("0".repeat(32));
        Files.writeString(damaged, "{}");
        Files.writeString(owner.resolve(".nfs0001"), "x");
        assertThat(store.list(good.owner(), 10)).containsExactly(good);
    }

    /** Files come and go with the lock held, so that who counts them counts each once. */
    @Test
    void removesNothingWhileAnotherHasTheLedger() throws IOException {
        try (FileStore store = open(config(1 << 20, Duration.ofHours(1), 1 << 20), Duration.ofMillis(50))) {
            StoredFile file = store(store, "a", "hello");
            try (FileChannel ledger = FileChannel.open(directory.resolve("store/ledger"), StandardOpenOption.WRITE);
                    FileLock _ = ledger.lock()) {
                assertThatThrownBy(() -> store.delete(file.owner(), file.id()))
                        .satisfies(e -> assertThat(StorageUnavailable.is((ServiceException) e))
                                .isTrue());
            }
            assertThat(store.find(file.owner(), file.id())).contains(file);
            assertThat(store.delete(file.owner(), file.id())).isTrue();
            assertThat(store.fileCount()).isZero();
        }
    }
}
