package dev.codeinterpreter.files.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreContract;
import dev.codeinterpreter.files.FilesConfig;
import java.nio.file.Path;
import java.time.Duration;
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
    protected void assertNothingUnfinished() {
        assertThat(directory.resolve("store/incoming")).isEmptyDirectory();
    }
}
