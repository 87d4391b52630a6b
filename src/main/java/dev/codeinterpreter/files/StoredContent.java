package dev.codeinterpreter.files;

import java.io.IOException;
import java.io.InputStream;

/**
 * A file that is open for reading. It stays readable to its end although it expires or is deleted meanwhile. Whoever
 * opened it closes it.
 */
public record StoredContent(StoredFile file, InputStream stream) implements AutoCloseable {

    /** Bytes that the stream has from its beginning. */
    public long size() {
        return file.size();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
