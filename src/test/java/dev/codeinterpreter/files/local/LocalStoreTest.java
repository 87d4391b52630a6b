package dev.codeinterpreter.files.local;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreContract;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=local. */
class LocalStoreTest extends FileStoreContract {
    private static final Owner HERS = new Owner("alice");

    @TempDir
    Path directory;

    @Override
    protected FilesConfig config(long maxFileBytes, Duration timeToLive, long maxStorageBytes) {
        return new FilesConfig(directory.resolve("store"), maxFileBytes, timeToLive, maxStorageBytes);
    }

    @Override
    protected FileStore open(FilesConfig config) {
        return LocalStores.open(config, clock);
    }

    @Override
    protected boolean isShared() {
        return false;
    }

    @Override
    protected List<?> unfinished() {
        return List.of(
                requireNonNull(directory.resolve("store/incoming").toFile().list()));
    }

    /** Empty files use up no bytes, but the store's number of files, which all owners share. */
    @Test
    void boundsTheFilesOfAnOwnerByItsShareOfTheStore() {
        FileStore store = open();
        OwnerLimit limit = new OwnerLimit(HERS, OptionalLong.of(MB));
        List<StoredFile> files = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            try (NewFile file = store.create(limit, "")) {
                files.add(file.commit());
            }
        }
        for (int i = 0; i < 2; i++) {
            assertRefused(
                    () -> store.create(limit, "").close(),
                    ErrorCode.STORAGE_FULL,
                    "Stored files of this tenant exceed its maximum of 1000 files (storage_mb)");
        }
        StoredFile _ = store(store, Owner.DEFAULT, "", new byte[0]);
        assertThat(store.delete(HERS, files.getFirst().id())).isTrue();
        try (NewFile _ = store.create(limit, "")) {
            assertRefused(
                    () -> store.create(limit, "").close(),
                    ErrorCode.STORAGE_FULL,
                    "Stored files of this tenant exceed its maximum of 1000 files (storage_mb)");
        }
        store.create(limit, "").close();
    }
}
