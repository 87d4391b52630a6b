package dev.codeinterpreter.execution;

import dev.codeinterpreter.json.JsonText;
import dev.codeinterpreter.wire.Overflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.Arrays;

/**
 * Keeps a program's output for an answer that is given as a whole: a little of it in the heap, the rest on disk, however
 * long the client takes to read. The runner has bounded it already.
 */
final class CapturedOutput implements OutputSink, AutoCloseable {
    /** What stands in for the rest; the limit reserves this many bytes for it and a little air. */
    private static final String MARKER = "\n...[truncated]";

    private static final int RESERVED = 32;
    private static final int PIECE = 8 * 1024;

    private final int limit;
    private final Overflow stdout;
    private final Overflow stderr;

    /**
     * Closes the two that it is given.
     *
     * @param limit of each stream (MAX_OUTPUT_BYTES)
     */
    CapturedOutput(int limit, Overflow stdout, Overflow stderr) {
        this.limit = limit;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    @Override
    public void stdout(byte[] bytes) {
        stdout.write(bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        stderr.write(bytes);
    }

    /** The text as a JSON string; what is not UTF-8 becomes U+FFFD. */
    void writeStdout(Writer json, boolean truncated) throws IOException {
        write(stdout, json, truncated);
    }

    void writeStderr(Writer json, boolean truncated) throws IOException {
        write(stderr, json, truncated);
    }

    @Override
    public void close() {
        stdout.close();
        stderr.close();
    }

    private void write(Overflow output, Writer json, boolean truncated) throws IOException {
        long left = truncated ? Math.min(output.length(), limit - RESERVED) : output.length();
        TextDecoder decoder = new TextDecoder();
        byte[] piece = new byte[(int) Math.min(left, PIECE)];
        json.write('"');
        try (InputStream in = output.open()) {
            while (left > 0) {
                int count = in.readNBytes(piece, 0, (int) Math.min(left, piece.length));
                JsonText.escape(decoder.decode(Arrays.copyOf(piece, count)), json);
                left -= count;
            }
        }
        JsonText.escape(decoder.end(), json);
        JsonText.escape(truncated ? MARKER : "", json);
        json.write('"');
    }
}
