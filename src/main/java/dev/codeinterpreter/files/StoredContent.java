package dev.codeinterpreter.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A file that is open for reading. It stays readable to its end although it expires or is deleted meanwhile.
 * Its opener closes it.
 */
public record StoredContent(StoredFile file, InputStream stream) implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StoredContent.class.getName());

    /** Bytes that the stream has from its beginning. */
    public long size() {
        return file.size();
    }

    /**
     * Writes all of it, and closes this.
     *
     * @throws IOException also when the file on disk is shorter than it was: that must not look like its end
     */
    public void writeTo(OutputStream target) throws IOException {
        try (this) {
            long count = stream.transferTo(target);
            if (count != size()) {
                throw new IOException("stored file %s has %d bytes instead of %d".formatted(file.id(), count, size()));
            }
        }
    }

    /** Closes it, whatever the stream says to that. */
    public void discard() {
        try {
            close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a stored file", e);
        }
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
