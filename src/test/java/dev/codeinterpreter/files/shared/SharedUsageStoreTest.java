package dev.codeinterpreter.files.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.usage.UsageStore;
import dev.codeinterpreter.usage.UsageStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=shared, on a directory of this machine. */
class SharedUsageStoreTest extends UsageStoreContract {
    @TempDir
    Path root;

    @Override
    protected UsageStore newStore() {
        try {
            return new SharedUsageStore(SharedDirectory.open(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void nothingIsHalfWritten() {
        assertThat(root.resolve("incoming")).isEmptyDirectory();
    }

    /** A link leads elsewhere, and a directory is none of ours. */
    @Test
    void takesFilesOnly() throws IOException {
        try (UsageStore store = newStore()) {
            Path secret = Files.writeString(root.resolve("secret"), "x");
            Files.createSymbolicLink(root.resolve("usage/a"), secret);
            Files.createDirectory(root.resolve("usage/b"));
            assertThat(store.list("", "~")).isEmpty();
        }
    }
}
