package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.StorageUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** An object that is sent in parts. It is there when it was completed, and nothing of it otherwise. For one thread at a time. */
final class PartedObject implements AutoCloseable {
    /** What is longer is sent in parts: each is tried again by itself. */
    private static final long MIN_PART_BYTES = 8 << 20;

    private static final int MAX_PARTS = 10_000;

    private final Bucket bucket;
    private final String key;
    private final Duration timeout;
    private final String upload;
    private final List<CompletedPart> parts = new ArrayList<>();
    private long nanos;
    private boolean completing;
    private boolean complete;

    /** @param timeout of all sending in sum: no part begins after it */
    PartedObject(Bucket bucket, String key, Duration timeout) {
        this.bucket = bucket;
        this.key = key;
        this.timeout = timeout;
        this.upload = bucket.beginParts(key);
    }

    /** Of each part but the last, where an object has {@code maxBytes} at most. */
    static long partBytes(long maxBytes) {
        return Math.max(MIN_PART_BYTES, maxBytes / MAX_PARTS + 1);
    }

    void send(ObjectSource part) {
        if (nanos >= timeout.toNanos()) {
            throw StorageUnavailable.because(
                    new TimeoutException("%d parts of a file were sent in %s".formatted(parts.size(), timeout)));
        }
        long begin = System.nanoTime();
        try {
            parts.add(bucket.putPart(key, upload, parts.size() + 1, part.length(), part::open));
        } finally {
            nanos += System.nanoTime() - begin;
        }
    }

    void complete() {
        completing = true;
        bucket.completeParts(key, upload, parts);
        complete = true;
    }

    /** Leaves nothing, unless it is complete. Does not throw. */
    @Override
    public void close() {
        if (complete) {
            return;
        }
        bucket.abortParts(key, upload);
        if (completing) {
            // The last try may have been carried out, and only its answer lost.
            bucket.discard(key);
        }
    }
}
