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
    private boolean complete;

    /** @param timeout of all sending in sum: no part begins after it */
    PartedObject(Bucket bucket, String key, Duration timeout) {
        this.bucket = bucket;
        this.key = key;
        this.timeout = timeout;
        this.upload = bucket.beginParts(key);
    }

    /** Of a part that is not the last, where an object has {@code maxBytes} at most. */
    static long partBytes(long maxBytes) {
        return Math.max(MIN_PART_BYTES, maxBytes / MAX_PARTS + 1);
    }

    /** The rest of the object, in parts of {@code partBytes}. */
    void sendRest(ObjectSource source, long partBytes) {
        for (long from = 0; from < source.length(); from += partBytes) {
            send(source, from, Math.min(partBytes, source.length() - from));
        }
    }

    /** One part: the last one, or one of {@link #partBytes}. */
    void send(ObjectSource source, long from, long count) {
        if (nanos >= timeout.toNanos()) {
            throw StorageUnavailable.because(
                    new TimeoutException("%d parts of a file were sent in %s".formatted(parts.size(), timeout)));
        }
        long begin = System.nanoTime();
        try {
            parts.add(bucket.putPart(key, upload, parts.size() + 1, count, () -> source.open(from, count)));
        } finally {
            nanos += System.nanoTime() - begin;
        }
    }

    void complete() {
        bucket.completeParts(key, upload, parts);
        complete = true;
    }

    /** Leaves nothing, unless it is complete. Does not throw. */
    @Override
    public void close() {
        if (!complete) {
            bucket.abortParts(key, upload);
            bucket.discard(key);
        }
    }
}
