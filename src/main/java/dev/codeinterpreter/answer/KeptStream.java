package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.InputStream;

/**
 * One of a program's two output streams, kept for an answer that is given as a whole: a little of it in the heap, the rest on
 * disk, however long the client takes to read. The runner has bounded it already.
 *
 * <p>Output for which there is no room is dropped from its first such byte on: the program has run and cannot be run again, so
 * its result is worth more than an error.
 */
public final class KeptStream implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(KeptStream.class.getName());

    /** What stands in an answer for the output that is left out. */
    public static final String MARKER = "\n...[truncated]";

    private final SpillBuffer bytes;
    private boolean cut;

    /** @param bytes closed with this */
    public KeptStream(SpillBuffer bytes) {
        this.bytes = bytes;
    }

    public void write(byte[] output) {
        if (cut) {
            return;
        }
        try {
            bytes.write(output);
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "the output of a program is cut: {0}", e.getMessage());
            cut = true;
        }
    }

    /** Whether some of it was dropped. */
    public boolean isCut() {
        return cut;
    }

    /** In bytes. */
    public long length() {
        return bytes.length();
    }

    /** All that is kept, from the beginning; the caller closes it. */
    public InputStream open() {
        return bytes.open();
    }

    @Override
    public void close() {
        bytes.close();
    }
}
