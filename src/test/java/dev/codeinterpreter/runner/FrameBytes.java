package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** The bytes that a runner, or something that pretends to be one, sends. */
public final class FrameBytes {
    static final String READY = "{\"protocol\":1}";
    static final String LIBRARIES = "{\"libraries\":\"ready\",\"missing\":[\"numpy\"],\"memory_bytes\":11534336}";
    static final String EXIT = "{\"exit_code\":0,\"signal\":null,\"timed_out\":false,\"oom\":false,\"cpu\":false,"
            + "\"duration_ms\":12,\"cpu_ms\":10,\"peak_memory_bytes\":9437184,"
            + "\"stdout_truncated\":false,\"stderr_truncated\":false,\"state_lost\":false}";

    static final String SHOW = "{\"type\":\"display_data\"}";
    static final String FORM = "{\"mime_type\":\"text/html\",\"size\":4}";
    static final String SHOWN_FILE = "{\"mime_type\":\"image/png\",\"size\":5,\"path\":\"figure-1.png\"}";
    static final String SHOWN = "{\"complete\":true,\"truncated\":false}";

    private FrameBytes() {}

    public static byte[] frame(char type, String payload) {
        return frame(type, payload.getBytes(UTF_8));
    }

    static byte[] frame(char type, byte[] payload) {
        return concat(header(type, payload.length), payload);
    }

    /** The head of a frame that announces {@code length} bytes, as an unsigned number. */
    static byte[] header(char type, int length) {
        return ByteBuffer.allocate(5).put((byte) type).putInt(length).array();
    }

    public static byte[] ready() {
        return frame('Y', READY);
    }

    public static byte[] pong() {
        return frame('N', "{\"libraries\":\"none\"}");
    }

    public static byte[] started() {
        return frame('B', "");
    }

    public static byte[] exit() {
        return frame('T', EXIT);
    }

    static byte[] file(String path, long size) {
        return frame('F', "{\"path\":\"%s\",\"size\":%d}".formatted(path, size));
    }

    static byte[] data(int length) {
        return frame('D', new byte[length]);
    }

    static byte[] skipped(String path) {
        return frame('S', "{\"path\":\"%s\",\"reason\":\"symlink\"}".formatted(path));
    }

    public static byte[] done() {
        return frame('Z', "");
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
