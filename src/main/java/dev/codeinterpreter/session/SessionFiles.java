package dev.codeinterpreter.session;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.util.List;

/** The regular files of a session's workspace. */
public record SessionFiles(List<File> files) {

    @JsonbPropertyOrder({"path", "sizeBytes"})
    public record File(
            String path, @JsonbProperty("size_bytes") long sizeBytes) {}
}
