package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileBackendFactory;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.SpoolPlace;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.time.Clock;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkClientException;

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
        BucketConfig place = config.bucket();
        try {
            Bucket bucket = new Bucket(S3Clients.client(place, S3Timings.DEFAULT), place.name(), S3Timings.DEFAULT);
            return new S3Files(bucket, config, clock, budget.files(), S3Timings.DEFAULT);
        } catch (SdkClientException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_S3_BUCKET %s cannot be used: %s".formatted(place.name(), e.getMessage())));
        }
    }
}
