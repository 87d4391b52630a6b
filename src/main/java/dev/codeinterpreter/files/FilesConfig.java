package dev.codeinterpreter.files;

import dev.codeinterpreter.config.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where files are kept, how many and for how long.
 *
 * @param directory of files where {@code storage} is local, used by this process alone, or shared
 * @param spoolDirectory of this process, for what waits
 * @param maxFileBytes of one file
 * @param timeToLive after which a file is gone, read or not
 * @param maxStorageBytes of all files together, those that are still arriving included; and of all else that waits on disk
 * @param bucket where {@code storage} is S3
 */
public record FilesConfig(
        FileStorage storage,
        Path directory,
        Path spoolDirectory,
        long maxFileBytes,
        Duration timeToLive,
        long maxStorageBytes,
        BucketConfig bucket) {
    private static final double TEN_YEARS = 10 * 365 * 86_400.0;
    private static final String SPOOL = "spool";

    /** Local, with the spool inside. */
    public FilesConfig(Path directory, long maxFileBytes, Duration timeToLive, long maxStorageBytes) {
        this(
                FileStorage.LOCAL,
                directory,
                directory.resolve(SPOOL),
                maxFileBytes,
                timeToLive,
                maxStorageBytes,
                BucketConfig.NONE);
    }

    /** Reads FILE_STORAGE, FILE_STORAGE_DIR, FILE_SPOOL_DIR, MAX_FILE_SIZE_MB, FILE_TTL_SEC, FILE_STORAGE_MAX_MB and FILE_S3_*. */
    public static FilesConfig from(Settings settings) {
        FileStorage storage = settings.choice("FILE_STORAGE", FileStorage.class, FileStorage.LOCAL);
        Path directory = Path.of(settings.text("FILE_STORAGE_DIR", "/tmp/code-interpreter-files"));
        // A shared directory is across a network, and another process's start clears what it takes for leftovers.
        Path spool = storage == FileStorage.SHARED ? Path.of("/tmp/code-interpreter-spool") : directory.resolve(SPOOL);
        return new FilesConfig(
                storage,
                directory,
                settings.optionalPath("FILE_SPOOL_DIR").orElse(spool),
                settings.megabytes("MAX_FILE_SIZE_MB", 100, 1),
                settings.seconds("FILE_TTL_SEC", 3600, 1, TEN_YEARS),
                settings.megabytes("FILE_STORAGE_MAX_MB", 10_240, 1),
                BucketConfig.from(settings, storage == FileStorage.S3));
    }
}
