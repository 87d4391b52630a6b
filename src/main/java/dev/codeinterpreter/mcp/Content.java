package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.spool.SpillBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bytes that can be read more than once. */
interface Content extends AutoCloseable {
    long length();

    InputStream open() throws IOException;

    @Override
    void close();

    /** A text that is in the heap anyway. */
    static Content of(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }

            @Override
            public void close() {}
        };
    }

    /** What has been written to {@code buffer}, which is closed with it. */
    static Content of(SpillBuffer buffer) {
        return new Content() {
            @Override
            public long length() {
                return buffer.length();
            }

            @Override
            public InputStream open() {
                return buffer.open();
            }

            @Override
            public void close() {
                buffer.close();
            }
        };
    }
}
