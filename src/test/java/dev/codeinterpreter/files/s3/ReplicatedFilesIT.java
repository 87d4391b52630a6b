package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.ReplicatedFilesContract;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;

/** FILE_STORAGE=s3, on Adobe's S3Mock. */
@Tag("complete")
class ReplicatedFilesIT extends ReplicatedFilesContract {
    private final String prefix = "replicas/" + UUID.randomUUID();

    @Override
    protected Map<String, String> settings() {
        return Map.of(
                "FILE_STORAGE", "s3",
                "FILE_S3_BUCKET", S3MockServer.BUCKET,
                "FILE_S3_PREFIX", prefix,
                "FILE_S3_ENDPOINT", S3MockServer.shared().toString(),
                "FILE_S3_PATH_STYLE", "true",
                "AWS_ACCESS_KEY_ID", "any",
                "AWS_SECRET_ACCESS_KEY", "any");
    }

    /** Names are in the keys. */
    @Override
    protected long storeBytes(long contentBytes) {
        return contentBytes;
    }
}
