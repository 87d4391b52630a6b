package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;

/**
 * Keeps a program's output for an answer that is given as a whole: a little of it in the heap, the rest on disk, however
 * long the client takes to read. The runner has bounded it already.
 *
 * <p>Output for which there is no room is dropped from its first such byte on and marked as truncated: the program has run and
 * cannot be run again, so its result is worth more than an error.
 */
final class CapturedOutput implements OutputSink, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CapturedOutput.class.getName());

    /** What stands in for the rest; the limit reserves this many bytes for it and a little air. */
    private static final String MARKER = "\n...[truncated]";

    private static final int RESERVED = 32;
    private final int limit;
    private final SpillBuffer stdout;
    private final SpillBuffer stderr;
    private final ShownResults results;
    private boolean stdoutCut;
    private boolean stderrCut;

    /**
     * Closes the three that it is given.
     *
     * @param limit of each stream (MAX_OUTPUT_BYTES)
     */
    CapturedOutput(int limit, SpillBuffer stdout, SpillBuffer stderr, ShownResults results) {
        this.limit = limit;
        this.stdout = stdout;
        this.stderr = stderr;
        this.results = results;
    }

    @Override
    public void stdout(byte[] bytes) {
        stdoutCut = stdoutCut || !hasRoom(stdout, bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        stderrCut = stderrCut || !hasRoom(stderr, bytes);
    }

    @Override
    public void show(ShownItem item) {
        results.add(item);
    }

    @Override
    public boolean isStdoutCut() {
        return stdoutCut;
    }

    @Override
    public boolean isStderrCut() {
        return stderrCut;
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

    private static boolean hasRoom(SpillBuffer output, byte[] bytes) {
        try {
            output.write(bytes);
            return true;
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "a program's output is cut: {0}", e.getMessage());
            return false;
        }
    }

    private void write(SpillBuffer output, Writer json, boolean truncated) throws IOException {
        long length = truncated ? Math.min(output.length(), limit - RESERVED) : output.length();
        try (InputStream in = output.open()) {
            JsonStrings.write(in, length, truncated ? MARKER : "", json);
        }
    }
}
