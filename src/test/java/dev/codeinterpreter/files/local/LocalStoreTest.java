package dev.codeinterpreter.files.local;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreContract;
import dev.codeinterpreter.files.FilesConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=local. */
class LocalStoreTest extends FileStoreContract {
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
}
