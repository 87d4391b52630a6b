package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileBackendFactory;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.SpoolPlace;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.time.Clock;

/** For FILE_STORAGE=s3. Nothing of the SDK is loaded before. */
@SingleInstance
@Named("s3")
class S3FilesFactory implements FileBackendFactory {
    private final FilesConfig config;
    private final Clock clock;
    private final StorageBudget budget;

    @Inject
    S3FilesFactory(FilesConfig config, Clock clock, StorageBudget budget) {
        this.config = config;
        this.clock = clock;
        this.budget = budget;
    }

    /** Asks the bucket nothing: when it is down, programs without files run all the same. */
    @Override
    public FileBackend open() {
        SpoolPlace.prepare(config.spoolDirectory());
        return new S3Files(Bucket.open(config.bucket()), config, clock, budget.files(), S3Timings.DEFAULT);
    }
}
