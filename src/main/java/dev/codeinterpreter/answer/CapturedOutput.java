package dev.codeinterpreter.answer;

import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;

/** Keeps a program's output for an answer in JSON that is given as a whole; what is left out of it is marked there. */
final class CapturedOutput implements OutputSink, AutoCloseable {
    /** Bytes of the limit for the marker, and a little air. */
    private static final int RESERVED = 32;

    private final int limit;
    private final KeptStream stdout;
    private final KeptStream stderr;
    private final ShownResults results;

    /**
     * Closes the three that it is given.
     *
     * @param limit of each stream (MAX_OUTPUT_BYTES)
     */
    CapturedOutput(int limit, SpillBuffer stdout, SpillBuffer stderr, ShownResults results) {
        this.limit = limit;
        this.stdout = new KeptStream(stdout);
        this.stderr = new KeptStream(stderr);
        this.results = results;
    }

    @Override
    public void stdout(byte[] bytes) {
        stdout.write(bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        stderr.write(bytes);
    }

    @Override
    public void show(ShownItem item) {
        results.add(item);
    }

    @Override
    public boolean isStdoutCut() {
        return stdout.isCut();
    }

    @Override
    public boolean isStderrCut() {
        return stderr.isCut();
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
        results.close();
    }

    private void write(KeptStream output, Writer json, boolean truncated) throws IOException {
        long length = truncated ? Math.min(output.length(), limit - RESERVED) : output.length();
        try (InputStream in = output.open()) {
            JsonStrings.write(in, length, truncated ? KeptStream.MARKER : "", json);
        }
    }
}
