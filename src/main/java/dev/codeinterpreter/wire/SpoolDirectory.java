package dev.codeinterpreter.wire;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.inject.Inject;
import java.nio.file.Path;

/** Where that goes which is too long for the heap. */
@SingleInstance
public class SpoolDirectory {
    private final Path path;

    @Inject
    SpoolDirectory(Settings settings) {
        // Beside the stored files: the one place that an operator has given us to write to.
        this.path = Path.of(settings.text("FILE_STORAGE_DIR", "/tmp/code-interpreter-files"), "spool");
    }

    Path path() {
        return path;
    }

    /** An empty one; the caller closes it. */
    public Overflow overflow() {
        return new Overflow(path);
    }
}
