package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.ReplicatedFilesContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=shared, on a directory of this machine. */
@Tag("complete")
class ReplicatedFilesIT extends ReplicatedFilesContract {
    @TempDir
    Path directory;

    @Override
    protected Map<String, String> settings() {
        return Map.of(
                "FILE_STORAGE", "shared",
                "FILE_STORAGE_DIR", directory.resolve("files").toString(),
                "FILE_SPOOL_DIR", directory.resolve("spool").toString());
    }

    /** Each with what is known of it. */
    @Override
    protected long storeBytes(long contentBytes) throws IOException {
        long bytes = 0;
        try (var paths = Files.walk(directory.resolve("files/files"))) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(path);
            }
        }
        return bytes;
    }
}
