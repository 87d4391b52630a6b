package dev.codeinterpreter.files;

import jakarta.json.bind.annotation.JsonbProperty;

/** The answer to an upload. */
public record UploadedFile(
        @JsonbProperty("file_id") String fileId,
        @JsonbProperty("filename") String filename,
        @JsonbProperty("size_bytes") long sizeBytes) {

    static UploadedFile of(StoredFile file) {
        return new UploadedFile(file.id().toString(), file.name(), file.size());
    }
}
