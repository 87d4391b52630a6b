package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.TimeOrderedId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Deletes what has expired. It is at the end of each owner's list, so no request sees a file that stays. Several processes
 * may do it at a time: what is deleted twice is deleted.
 */
final class S3Reaper {
    /** No commit takes as long: 100 MB are thirteen parts of at most half a minute. */
    private static final Duration MAX_COMMIT = Duration.ofHours(24);

    private static final int PAGE = 1000;

    private final Bucket bucket;
    private final String prefix;
    private final Clock clock;

    S3Reaper(Bucket bucket, String prefix, Clock clock) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.clock = clock;
    }

    /** Deletes what was uploaded at {@code until} or before, and the rests of commits that were cut; gives the number. */
    int reap(Instant until) {
        int count = 0;
        for (String owner : bucket.directories(S3Key.all(prefix))) {
            String after = owner + TimeOrderedId.keyBefore(until);
            ListObjectsV2Response page;
            do {
                page = bucket.list(owner, after, PAGE);
                List<String> keys = page.contents().stream()
                        .map(S3Object::key)
                        .filter(key -> S3Key.parse(key).isPresent())
                        .toList();
                if (!keys.isEmpty()) {
                    bucket.delete(keys);
                }
                count += keys.size();
                after = page.contents().isEmpty()
                        ? after
                        : page.contents().getLast().key();
            } while (Boolean.TRUE.equals(page.isTruncated()));
        }
        Instant oldest = clock.instant().minus(MAX_COMMIT);
        for (MultipartUpload upload : bucket.unfinished(S3Key.all(prefix))) {
            if (upload.initiated().isBefore(oldest)) {
                bucket.abortParts(upload.key(), upload.uploadId());
            }
        }
        return count;
    }
}
