package dev.codeinterpreter.files.s3;

import java.net.URI;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * On whatever server S3_TEST_ENDPOINT names, with a bucket called files, such as
 * {@code npx s3rver -d /tmp/s3rver -p 4568 --configure-bucket files}.
 */
@EnabledIfEnvironmentVariable(named = "S3_TEST_ENDPOINT", matches = "http.+")
class S3ServerStoreIT extends S3StoreContract {
    @Override
    URI server() {
        return URI.create(System.getenv("S3_TEST_ENDPOINT"));
    }
}
