package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.usage.UsageStore;
import dev.codeinterpreter.usage.UsageStoreContract;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** FILE_STORAGE=s3, on Adobe's S3Mock. Each test has a prefix of its own. */
@Tag("complete")
class S3UsageStoreIT extends UsageStoreContract {
    private final String prefix = "usage/" + UUID.randomUUID() + "/";

    @BeforeAll
    static void setCredentials() {
        S3StoreContract.setCredentials();
    }

    @Override
    protected UsageStore newStore() {
        BucketConfig place = new BucketConfig(
                S3MockServer.BUCKET, prefix, Optional.of(S3MockServer.shared()), Optional.empty(), true);
        return new S3UsageStore(Bucket.open(place), prefix);
    }
}
