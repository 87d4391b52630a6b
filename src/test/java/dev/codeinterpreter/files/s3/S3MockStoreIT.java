package dev.codeinterpreter.files.s3;

import java.net.URI;
import org.junit.jupiter.api.Tag;

/** On Adobe's S3Mock. */
@Tag("complete")
class S3MockStoreIT extends S3StoreContract {
    @Override
    URI server() {
        return S3MockServer.shared();
    }
}
