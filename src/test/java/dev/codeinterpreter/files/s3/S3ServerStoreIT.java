package dev.codeinterpreter.files.s3;

import java.net.URI;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * On the server that S3_TEST_ENDPOINT names, which has a bucket called files: {@code dev/test --complete} starts s3rver for it.
 */
@EnabledIfEnvironmentVariable(named = "S3_TEST_ENDPOINT", matches = "http.+")
class S3ServerStoreIT extends S3StoreContract {
    @Override
    URI server() {
        return URI.create(System.getenv("S3_TEST_ENDPOINT"));
    }
}
