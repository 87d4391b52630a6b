package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.usage.UsageStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Usage in a bucket, under {@code <prefix>usage/}. */
final class S3UsageStore implements UsageStore {
    private static final int PAGE = 1000;

    private final Bucket bucket;
    private final String prefix;

    /** @param bucket is closed with this */
    S3UsageStore(Bucket bucket, String prefix) {
        this.bucket = bucket;
        this.prefix = prefix + "usage/";
    }

    @Override
    public void write(String name, byte[] content) {
        bucket.replace(prefix + name, content);
    }

    @Override
    public List<Entry> list(String after, String before) {
        Deque<Entry> entries = new ArrayDeque<>();
        String last = after.isEmpty() ? "" : prefix + after;
        String end = prefix + before;
        boolean more = true;
        while (more) {
            ListObjectsV2Response page = bucket.list(prefix, last, PAGE);
            for (S3Object object : page.contents()) {
                last = object.key();
                if (last.compareTo(end) >= 0) {
                    return List.copyOf(entries);
                }
                entries.add(new Entry(last.substring(prefix.length()), object.eTag(), object.size()));
                if (entries.size() > MAX_ENTRIES) {
                    entries.removeFirst();
                }
            }
            more = Boolean.TRUE.equals(page.isTruncated()) && !page.contents().isEmpty();
        }
        return List.copyOf(entries);
    }

    @Override
    public Optional<byte[]> read(String name) {
        return bucket.read(prefix + name, 0, MAX_BYTES, Optional.empty()).map(answer -> {
            try (answer) {
                return answer.readNBytes(MAX_BYTES);
            } catch (IOException e) {
                throw StorageUnavailable.because(e);
            }
        });
    }

    @Override
    public void delete(List<String> names) {
        List<String> keys = new ArrayList<>();
        names.forEach(name -> keys.add(prefix + name));
        for (int from = 0; from < keys.size(); from += PAGE) {
            bucket.delete(keys.subList(from, Math.min(keys.size(), from + PAGE)));
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}
