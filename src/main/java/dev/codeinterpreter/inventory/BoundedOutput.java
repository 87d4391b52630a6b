package dev.codeinterpreter.inventory;

import dev.codeinterpreter.run.OutputSink;
import java.io.ByteArrayOutputStream;

/** Keeps a standard output in the heap, as long as a description may be. */
final class BoundedOutput implements OutputSink {
    /** Bytes: the most libraries and fonts that are taken, with names of usual length, are half of it. */
    static final int MAX_BYTES = 256 << 10;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean cut;

    @Override
    public void stdout(byte[] bytes) {
        if (cut || bytes.length > MAX_BYTES - kept.size()) {
            cut = true;
            return;
        }
        kept.writeBytes(bytes);
    }

    /** Of no use to a client. */
    @Override
    public void stderr(byte[] bytes) {}

    @Override
    public boolean isStdoutCut() {
        return cut;
    }

    byte[] bytes() {
        return kept.toByteArray();
    }
}
