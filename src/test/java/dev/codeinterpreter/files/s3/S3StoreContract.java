package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.files.FileStorage;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreContract;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.storage.StorageBudget;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** FILE_STORAGE=s3. Each test has a prefix of its own in the server's bucket {@code files}. */
abstract class S3StoreContract extends FileStoreContract {
    @TempDir
    Path directory;

    private final String prefix = "tests/" + UUID.randomUUID() + "/";

    /** A server that knows a bucket called files. */
    abstract URI server();

    @BeforeAll
    static void setCredentials() {
        System.setProperty("aws.accessKeyId", "S3RVER");
        System.setProperty("aws.secretAccessKey", "S3RVER");
    }

    @Override
    protected FilesConfig config(long maxFileBytes, Duration timeToLive, long maxStorageBytes) {
        return new FilesConfig(
                FileStorage.S3,
                directory,
                directory.resolve("spool"),
                maxFileBytes,
                timeToLive,
                maxStorageBytes,
                new BucketConfig("files", prefix, Optional.of(server()), Optional.empty(), true));
    }

    @Override
    protected FileStore open(FilesConfig config) {
        Bucket bucket = new Bucket(S3Clients.client(config.bucket(), S3Timings.DEFAULT), "files", S3Timings.DEFAULT);
        S3Files files = new S3Files(
                bucket,
                config,
                clock,
                StorageBudget.ofFiles(config.maxStorageBytes()).files(),
                S3Timings.DEFAULT);
        return new FileStore(config, clock, files, FileStoreListener.NONE);
    }

    @Override
    protected boolean isShared() {
        return true;
    }

    @Override
    protected List<?> unfinished() {
        BucketConfig config = config(1, HOUR, 1).bucket();
        try (Bucket bucket = new Bucket(S3Clients.client(config, S3Timings.DEFAULT), "files", S3Timings.DEFAULT)) {
            return bucket.unfinished(prefix);
        }
    }
}
