package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.SizedStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The first bytes of an object. An answer that breaks off is asked for again from there, while the object is the same. */
final class BucketStream extends SizedStream {
    private static final int MAX_RESUMES = 3;
    /** One more for each that has arrived: a large file over a bad line comes forward. */
    private static final int RESUME_BYTES = 4 << 20;

    private final Bucket bucket;
    private final String key;
    private final long size;
    private final Duration pause;
    private final Optional<String> tag;
    private ResponseInputStream<GetObjectResponse> answer;
    private int resumes;

    /**
     * @param answer from the first byte
     * @param pause before an answer is asked for again, at most
     */
    BucketStream(
            Bucket bucket,
            String key,
            long size,
            Duration pause,
            ResponseInputStream<GetObjectResponse> answer,
            Runnable onClose) {
        super(size, onClose);
        this.bucket = bucket;
        this.key = key;
        this.size = size;
        this.pause = pause;
        this.answer = answer;
        this.tag = Optional.ofNullable(answer.response().eTag());
    }

    @Override
    protected int readAt(long position, byte[] target, int offset, int length) throws IOException {
        while (true) {
            try {
                int count = answer.read(target, offset, length);
                if (count > 0) {
                    return count;
                }
                throw new IOException("the answer ends at %d of %d bytes".formatted(position, size));
            } catch (IOException | RuntimeException e) {
                resume(position, e);
            }
        }
    }

    /** Without reading the rest, which may be long: the connection is not used again. */
    @Override
    protected void end(boolean whole) throws IOException {
        if (whole) {
            answer.close();
        } else {
            answer.abort();
        }
    }

    private void resume(long position, Exception failure) throws IOException {
        if (++resumes > MAX_RESUMES + position / RESUME_BYTES) {
            throw new IOException("object breaks off again and again", failure);
        }
        answer.abort();
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(1 + pause.toNanos()));
        try {
            answer = bucket.read(key, position, size - position, tag)
                    .orElseThrow(() -> new IOException("the object was deleted while it was read", failure));
        } catch (ServiceException e) {
            throw new IOException(e);
        }
    }
}
