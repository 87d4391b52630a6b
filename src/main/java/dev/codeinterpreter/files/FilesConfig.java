package dev.codeinterpreter.files;

import dev.codeinterpreter.config.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where files are kept, how many and for how long.
 *
 * @param directory used by this process alone
 * @param maxFileBytes of one file
 * @param timeToLive after which a file is gone, read or not
 * @param maxStorageBytes of all files together, those that are still arriving included, and all else that waits on disk
 */
public record FilesConfig(Path directory, long maxFileBytes, Duration timeToLive, long maxStorageBytes) {
    private static final double TEN_YEARS = 10 * 365 * 86_400.0;

    /** Reads FILE_STORAGE_DIR, MAX_FILE_SIZE_MB, FILE_TTL_SEC and FILE_STORAGE_MAX_MB. */
    public static FilesConfig from(Settings settings) {
        return new FilesConfig(
                Path.of(settings.text("FILE_STORAGE_DIR", "/tmp/code-interpreter-files")),
                settings.megabytes("MAX_FILE_SIZE_MB", 100, 1),
                settings.seconds("FILE_TTL_SEC", 3600, 1, TEN_YEARS),
                settings.megabytes("FILE_STORAGE_MAX_MB", 10_240, 1));
    }
}
