package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaError;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.wire.BoundedBody;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a form from the network straight into the store. As in the reference, the last part called {@code file} is the
 * one that counts, and it must have a file name; an empty one is stored as {@code unnamed}.
 */
final class UploadReader {
    /** For boundaries, part headers and the other fields of the form. */
    static final long FORM_OVERHEAD = 1 << 20;

    private static final int MAX_PARTS = 1000;
    private static final int MAX_NAME_LENGTH = 1024;
    private static final int MAX_ECHO_LENGTH = 1024;
    private static final int COPIED_BYTES = 64 << 10;
    private static final String UNNAMED = "unnamed";
    private static final List<Object> FILE = List.of("body", "file");

    private final FileStore store;
    private final OwnerLimit limit;
    private final long maxFileBytes;

    private @Nullable NewFile file;
    private @Nullable String field;

    UploadReader(FileStore store, OwnerLimit limit, long maxFileBytes) {
        this.store = store;
        this.limit = limit;
        this.maxFileBytes = maxFileBytes;
    }

    /**
     * Stores the file of a form.
     *
     * @throws SchemaException when there is no such file
     * @throws ServiceException when it is too large for one file or for the store, or the form is malformed
     */
    StoredFile read(@Nullable String contentType, InputStream in) {
        if (contentType == null || !MultipartForm.isOne(contentType)) {
            throw new SchemaException(SchemaError.missing(FILE, JsonValue.NULL));
        }
        try {
            readParts(MultipartForm.parts(
                    contentType,
                    new BoundedBody(in, maxFileBytes + FORM_OVERHEAD, () -> NewFile.tooLarge(maxFileBytes))));
            return result();
        } catch (FileUploadException | IllegalArgumentException | IllegalStateException e) {
            throw new ServiceException(ErrorCode.MALFORMED_BODY, "There was an error parsing the body", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            dropFile();
        }
    }

    private void readParts(FileItemInputIterator parts) throws IOException {
        int count = 0;
        while (parts.hasNext()) {
            FileItemInput part = parts.next();
            if (++count > MAX_PARTS) {
                throw new FileUploadException("more than %d parts".formatted(MAX_PARTS));
            }
            if (part.getFieldName().equals("file")) {
                dropFile();
                readFile(part);
            }
        }
    }

    private void readFile(FileItemInput part) throws IOException {
        String name = MultipartForm.fileName(part);
        if (name == null) {
            field = new String(part.getInputStream().readNBytes(MAX_ECHO_LENGTH), StandardCharsets.UTF_8);
            return;
        }
        if (name.length() > MAX_NAME_LENGTH) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "File name exceeds maximum of %d characters".formatted(MAX_NAME_LENGTH));
        }
        NewFile target = store.create(limit, name.isEmpty() ? UNNAMED : name);
        file = target;
        copy(part.getInputStream(), target);
    }

    /** The parser gives four kilobytes at a time. */
    private static void copy(InputStream in, NewFile target) throws IOException {
        byte[] buffer = new byte[COPIED_BYTES];
        int count;
        do {
            count = in.readNBytes(buffer, 0, buffer.length);
            target.write(buffer, 0, count);
        } while (count == buffer.length);
    }

    private StoredFile result() {
        if (file != null) {
            return file.commit();
        }
        if (field == null) {
            throw new SchemaException(SchemaError.missing(FILE, JsonValue.NULL));
        }
        throw new SchemaException(SchemaError.of(
                        "value_error",
                        FILE,
                        "Value error, Expected UploadFile, received: <class 'str'>",
                        Json.createValue(field))
                .withContext(Json.createObjectBuilder()
                        .add("error", JsonValue.EMPTY_JSON_OBJECT)
                        .build()));
    }

    private void dropFile() {
        if (file != null) {
            file.close();
        }
        file = null;
        field = null;
    }
}
