package dev.codeinterpreter.files;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/** The file {@code meta.json} beside a stored file's content. */
final class FileMetadata {
    /** A name of 4096 bytes, each of them escaped, and some room. */
    private static final long MAX_BYTES = 64 * 1024;

    private FileMetadata() {}

    /** @throws IOException also when the writer of JSON says it in its own way */
    static void write(OutputStream target, StoredFile file) throws IOException {
        JsonObject json = Json.createObjectBuilder()
                .add("owner", file.owner().name())
                .add("name", file.name())
                .add("size", file.size())
                .add("upload_time", file.uploadTime().toString())
                .build();
        try (JsonWriter writer = Json.createWriter(target)) {
            writer.writeObject(json);
        } catch (JsonException e) {
            throw new IOException(e);
        }
    }

    /** Empty when it is not there or not of ours. */
    static Optional<StoredFile> read(Path path, FileId id) {
        try {
            if (Files.size(path) > MAX_BYTES) {
                return Optional.empty();
            }
            try (InputStream source = Files.newInputStream(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                    JsonReader reader = Json.createReader(source)) {
                JsonObject json = reader.readObject();
                return Optional.of(new StoredFile(
                        id,
                        // Versions before 0.6 knew no owners.
                        json.containsKey("owner") ? new Owner(json.getString("owner")) : Owner.DEFAULT,
                        json.getString("name"),
                        json.getJsonNumber("size").longValueExact(),
                        Instant.parse(json.getString("upload_time"))));
            }
        } catch (IOException | RuntimeException e) {
            // A foreign file may break any of the parsers' rules: missing members, wrong types, deep nesting.
            return Optional.empty();
        }
    }
}
