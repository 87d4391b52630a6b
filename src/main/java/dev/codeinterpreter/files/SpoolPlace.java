package dev.codeinterpreter.files;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.storage.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The directory for what waits, where it is not inside a directory of files that is this process's. */
public final class SpoolPlace {
    private SpoolPlace() {}

    /** @throws InvalidSettingsException when it cannot be made, or other users can write to it */
    public static void prepare(Path directory) {
        try {
            PrivateDirectory.prepare(directory);
        } catch (IOException e) {
            throw new InvalidSettingsException(List.of("FILE_SPOOL_DIR %s cannot be used: %s".formatted(directory, e)));
        }
    }
}
