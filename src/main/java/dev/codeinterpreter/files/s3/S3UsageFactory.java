package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.usage.UsageStore;
import dev.codeinterpreter.usage.UsageStoreFactory;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** For FILE_STORAGE=s3. */
@SingleInstance
@Named("usage-s3")
class S3UsageFactory implements UsageStoreFactory {
    private final FilesConfig config;

    @Inject
    S3UsageFactory(FilesConfig config) {
        this.config = config;
    }

    @Override
    public UsageStore open() {
        return new S3UsageStore(Bucket.open(config.bucket()), config.bucket().prefix());
    }
}
