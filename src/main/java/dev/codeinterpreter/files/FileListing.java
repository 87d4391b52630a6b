package dev.codeinterpreter.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.wire.JsonOutput;
import jakarta.json.bind.annotation.JsonbProperty;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Optional;

/**
 * The answer to a request for the list of files. It is written entry by entry, however slowly its client reads, and holds
 * a few names of at most 1024 characters meanwhile; a file that is deleted while it is written may be in it or not.
 */
final class FileListing {
    /** A page ends early when it is as long: 10,000 entries with names of 75 characters fit. */
    private static final int MAX_BYTES = 2 << 20;

    private final int limit;
    private final int maxBytes;
    private final Iterator<StoredFile> files;
    private int count;
    private int bytes;

    /**
     * One stored file.
     *
     * @param uploadTime seconds since 1970, with milliseconds
     */
    public record Entry(
            @JsonbProperty("file_id") String fileId,
            @JsonbProperty("filename") String filename,
            @JsonbProperty("size_bytes") long sizeBytes,
            @JsonbProperty("upload_time") BigDecimal uploadTime) {

        static Entry of(StoredFile file) {
            return new Entry(
                    file.id().toString(),
                    file.name(),
                    file.size(),
                    BigDecimal.valueOf(file.uploadTime().toEpochMilli(), 3));
        }
    }

    /**
     * A page of {@code limit} files of {@code owner} at most.
     *
     * @param after the file before the first; empty for the newest
     */
    FileListing(FileStore store, Owner owner, int limit, Optional<StoredFile> after) {
        this(store, owner, limit, after, MAX_BYTES);
    }

    FileListing(FileStore store, Owner owner, int limit, Optional<StoredFile> after, int maxBytes) {
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.files = store.list(owner, after);
        // When the store does not answer, the status says so, which is sent before the body is written.
        boolean _ = files.hasNext();
    }

    /** Writes the page, once; {@code has_more} is in it when there are files after its last one. */
    void writeTo(OutputStream target) throws IOException {
        target.write("{\"files\":[".getBytes(UTF_8));
        while (files.hasNext() && !isFull()) {
            write(files.next(), target);
        }
        target.write((files.hasNext() ? "],\"has_more\":true}" : "]}").getBytes(UTF_8));
    }

    private boolean isFull() {
        return count >= limit || bytes >= maxBytes;
    }

    private void write(StoredFile file, OutputStream target) throws IOException {
        byte[] entry = ((count == 0 ? "" : ",") + JsonOutput.toJson(Entry.of(file))).getBytes(UTF_8);
        target.write(entry);
        bytes += entry.length;
        count++;
    }
}
