package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** The bytes of an object, which can be read as often as they have to be sent. */
final class ObjectSource {
    /** More is sent in parts: each is tried again by itself. */
    static final int PART_BYTES = 8 << 20;

    private static final int MAX_PARTS = 10_000;

    private final SpillBuffer content;
    private final byte[] name;

    /** @param name what follows the content */
    ObjectSource(SpillBuffer content, byte[] name) {
        this.content = content;
        this.name = name;
    }

    long length() {
        return content.length() + name.length;
    }

    /** Makes the object, or leaves nothing. No part begins after {@code timeout}. */
    void send(Bucket bucket, String key, Duration timeout) {
        boolean complete = false;
        try {
            if (length() <= PART_BYTES) {
                bucket.put(key, length(), () -> open(0, length()));
            } else {
                sendInParts(bucket, key, timeout);
            }
            complete = true;
        } finally {
            if (!complete) {
                // The last try may have been carried out, and only its answer lost.
                bucket.discard(key);
            }
        }
    }

    private void sendInParts(Bucket bucket, String key, Duration timeout) {
        String upload = bucket.beginParts(key);
        boolean complete = false;
        try {
            bucket.completeParts(key, upload, sendParts(bucket, key, upload, timeout));
            complete = true;
        } finally {
            if (!complete) {
                bucket.abortParts(key, upload);
            }
        }
    }

    private List<CompletedPart> sendParts(Bucket bucket, String key, String upload, Duration timeout) {
        long partBytes = Math.max(PART_BYTES, length() / MAX_PARTS + 1);
        List<CompletedPart> parts = new ArrayList<>();
        long end = System.nanoTime() + timeout.toNanos();
        for (long from = 0; from < length(); from += partBytes) {
            if (System.nanoTime() - end > 0) {
                throw StorageUnavailable.because(
                        new TimeoutException("%d of %d bytes were sent in %s".formatted(from, length(), timeout)));
            }
            long begin = from;
            long count = Math.min(partBytes, length() - from);
            parts.add(bucket.putPart(key, upload, parts.size() + 1, count, () -> open(begin, count)));
        }
        return parts;
    }

    private InputStream open(long from, long count) {
        long inContent = Math.clamp(content.length() - from, 0, count);
        int nameFrom = (int) Math.max(0, from - content.length());
        InputStream end = new ByteArrayInputStream(name, nameFrom, (int) (count - inContent));
        return inContent == 0 ? end : new SequenceInputStream(content.open(from, inContent), end);
    }
}
