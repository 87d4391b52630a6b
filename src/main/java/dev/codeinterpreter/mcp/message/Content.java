package dev.codeinterpreter.mcp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.spool.SpillBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;

/** Bytes that can be read more than once. */
public interface Content extends AutoCloseable {
    /** Bytes. */
    int PIECE = 4 * 1024;

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

    /** A long text that is the same in every answer, and what stands around it. */
    static Content around(String begin, byte[] shared, String end) {
        byte[] head = begin.getBytes(UTF_8);
        byte[] tail = end.getBytes(UTF_8);
        return new Content() {
            @Override
            public long length() {
                return (long) head.length + shared.length + tail.length;
            }

            @Override
            public InputStream open() {
                return new SequenceInputStream(
                        new ByteArrayInputStream(head),
                        new SequenceInputStream(new ByteArrayInputStream(shared), new ByteArrayInputStream(tail)));
            }

            @Override
            public void close() {}
        };
    }

    /** Writes all of it, in pieces: the web server keeps two copies of each while its client does not read. */
    default void writeTo(OutputStream target) throws IOException {
        byte[] piece = new byte[PIECE];
        try (InputStream in = open()) {
            int count = in.readNBytes(piece, 0, PIECE);
            while (count > 0) {
                target.write(piece, 0, count);
                count = in.readNBytes(piece, 0, PIECE);
            }
        }
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
