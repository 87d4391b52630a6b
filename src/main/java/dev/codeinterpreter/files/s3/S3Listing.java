package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.FileIterator;
import dev.codeinterpreter.files.StoredFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An owner's files, the newest first, by a request for each hundred. */
final class S3Listing extends FileIterator {
    /** With keys of up to 1,000 characters: 100 KB of the heap. A page of a thousand files takes ten requests. */
    private static final int PAGE = 100;

    private final Bucket bucket;
    private final String prefix;
    private final Function<S3Object, Optional<StoredFile>> parser;
    private final Deque<S3Object> objects = new ArrayDeque<>();
    private String last;
    private boolean ended;

    /**
     * @param after the key after which to begin; empty for the first
     * @param parser to which nothing may be of ours
     */
    S3Listing(Bucket bucket, String prefix, String after, Function<S3Object, Optional<StoredFile>> parser) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.last = after;
        this.parser = parser;
    }

    @Override
    protected @Nullable StoredFile advance() {
        while (!(ended && objects.isEmpty())) {
            if (objects.isEmpty()) {
                read();
            }
            Optional<StoredFile> file = Optional.ofNullable(objects.poll()).flatMap(parser);
            if (file.isPresent()) {
                return file.get();
            }
        }
        return null;
    }

    private void read() {
        ListObjectsV2Response page = bucket.list(prefix, last, PAGE);
        objects.addAll(page.contents());
        ended = !Boolean.TRUE.equals(page.isTruncated()) || page.contents().isEmpty();
        if (!page.contents().isEmpty()) {
            last = page.contents().getLast().key();
        }
    }
}
