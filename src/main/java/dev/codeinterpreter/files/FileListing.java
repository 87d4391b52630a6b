package dev.codeinterpreter.files;

import jakarta.json.bind.annotation.JsonbProperty;
import java.math.BigDecimal;
import java.util.List;

/** The answer to a request for the list of files. */
public record FileListing(List<Entry> files) {

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

    static FileListing of(List<StoredFile> files) {
        return new FileListing(files.stream().map(Entry::of).toList());
    }
}
