package dev.codeinterpreter.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.JsonText;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A page of the regular files of a session's workspace, as the JSON that the client gets. Ten thousand paths of 4 KB are
 * 40 MB: it waits for the client where an output does, a few KB of it in the heap.
 */
final class SessionFiles implements AutoCloseable {
    private final SpillBuffer json;
    private String separator = "{\"files\":[";

    /** @param json empty; closed with this */
    SessionFiles(SpillBuffer json) {
        this.json = json;
    }

    void add(String path, long size) throws IOException {
        StringBuilder file = new StringBuilder(separator).append("{\"path\":\"");
        JsonText.escape(path, file);
        file.append("\",\"size_bytes\":").append(size).append('}');
        json.write(file.toString().getBytes(UTF_8));
        separator = ",";
    }

    /** To be called once, behind the last file. */
    void finish() {
        json.write((separator.equals(",") ? "]}" : separator + "]}").getBytes(UTF_8));
    }

    /** Bytes. */
    long length() {
        return json.length();
    }

    /** Writes all of it, and closes this. */
    void writeTo(OutputStream target) throws IOException {
        try (this;
                InputStream in = json.open()) {
            in.transferTo(target);
        }
    }

    @Override
    public void close() {
        json.close();
    }
}
