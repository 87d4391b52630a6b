package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The first bytes of an object. An answer that breaks off is asked for again from there, while the object is the same. */
final class BucketStream extends InputStream {
    private static final int MAX_RESUMES = 3;
    /** One more for each that has arrived: a large file over a bad line comes forward. */
    private static final int RESUME_BYTES = 4 << 20;

    private final Bucket bucket;
    private final String key;
    private final long size;
    private final Duration pause;
    private final Runnable onClose;
    private final Optional<String> tag;
    private ResponseInputStream<GetObjectResponse> answer;
    private long position;
    private int resumes;
    private boolean closed;

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
        this.bucket = bucket;
        this.key = key;
        this.size = size;
        this.pause = pause;
        this.answer = answer;
        this.onClose = onClose;
        this.tag = Optional.ofNullable(answer.response().eTag());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (closed) {
            throw new IOException("closed");
        }
        if (length == 0 || position == size) {
            return length == 0 ? 0 : -1;
        }
        while (true) {
            try {
                int count = answer.read(target, offset, (int) Math.min(length, size - position));
                if (count > 0) {
                    position += count;
                    return count;
                }
                throw new IOException("the answer ends at %d of %d bytes".formatted(position, size));
            } catch (IOException | RuntimeException e) {
                resume(e);
            }
        }
    }

    /** Without reading the rest, which may be long: the connection is not used again. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (position < size) {
                answer.abort();
            } else {
                answer.close();
            }
        } catch (IOException e) {
            // Nothing is read from it any more.
        } finally {
            onClose.run();
        }
    }

    private void resume(Exception failure) throws IOException {
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
