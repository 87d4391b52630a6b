package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes frames to a runner. One thread at a time: a frame is never torn. Small ones are held back until {@link #flush}: on
 * its way each piece wakes half a dozen threads and processes.
 */
final class FrameWriter {
    static final char CONFIG = 'C';
    static final char FILE = 'F';
    static final char DATA = 'D';
    static final char RUN = 'R';
    static final char STDIN = 'I';
    static final char STDIN_EOF = 'E';
    static final char PING = 'N';
    static final char PRELOAD = 'J';
    static final char LISTEN = 'L';
    static final char BASH = 'A';
    static final char CODE = 'H';
    static final char KEEPALIVE = 'K';
    static final char LIST = 'W';
    static final char GET = 'G';
    static final char REMOVE = 'U';

    /** Read by the connector and not by the runner. */
    static final char NEXT = 'V';

    private static final int HEADER = 5;

    /** Bytes: a small program with all that belongs to its start. */
    private static final int HELD = 8192;

    private final OutputStream out;

    FrameWriter(OutputStream out) {
        this.out = new BufferedOutputStream(out, HELD);
    }

    /** What a sandbox reads before the first frame. */
    void preamble(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    void json(char type, JsonObject payload) throws IOException {
        byte[] text = payload.toString().getBytes(UTF_8);
        if (text.length > FrameReader.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a frame of %d bytes".formatted(text.length));
        }
        byte[] frame = new byte[HEADER + text.length];
        System.arraycopy(text, 0, frame, HEADER, text.length);
        send(type, frame, text.length);
    }

    void empty(char type) throws IOException {
        send(type, new byte[HEADER], 0);
    }

    /** Room for so many bytes of payload behind the header, so that both leave in one write. */
    static byte[] newBuffer(int payload) {
        return new byte[HEADER + payload];
    }

    static int payloadOffset() {
        return HEADER;
    }

    /** Sends a buffer of {@link #newBuffer} that holds {@code length} bytes of payload. */
    void send(char type, byte[] buffer, int length) throws IOException {
        buffer[0] = (byte) type;
        putLength(buffer, 1, length);
        out.write(buffer, 0, HEADER + length);
    }

    void flush() throws IOException {
        out.flush();
    }

    private static void putLength(byte[] bytes, int offset, int length) {
        bytes[offset] = (byte) (length >> 24);
        bytes[offset + 1] = (byte) (length >> 16);
        bytes[offset + 2] = (byte) (length >> 8);
        bytes[offset + 3] = (byte) length;
    }
}
