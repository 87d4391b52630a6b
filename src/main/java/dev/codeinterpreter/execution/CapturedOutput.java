package dev.codeinterpreter.execution;

import java.io.ByteArrayOutputStream;

/** Keeps a program's output for an answer that is given as a whole. The runner has bounded it already. */
public final class CapturedOutput implements OutputSink {
    /** What stands in for the rest; the limit reserves this many bytes for it and a little air. */
    private static final String MARKER = "\n...[truncated]";

    private static final int RESERVED = 32;

    private final int limit;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    /** @param limit of each stream (MAX_OUTPUT_BYTES) */
    public CapturedOutput(int limit) {
        this.limit = limit;
    }

    @Override
    public void stdout(byte[] bytes) {
        stdout.writeBytes(bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        stderr.writeBytes(bytes);
    }

    String stdoutText(boolean truncated) {
        return text(stdout, truncated);
    }

    String stderrText(boolean truncated) {
        return text(stderr, truncated);
    }

    /** What is not UTF-8 becomes U+FFFD. */
    private String text(ByteArrayOutputStream bytes, boolean truncated) {
        if (!truncated) {
            return Utf8Text.decode(bytes.toByteArray(), bytes.size());
        }
        return Utf8Text.decode(bytes.toByteArray(), Math.min(bytes.size(), limit - RESERVED)) + MARKER;
    }
}
