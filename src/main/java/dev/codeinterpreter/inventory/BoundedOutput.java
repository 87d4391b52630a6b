package dev.codeinterpreter.inventory;

import dev.codeinterpreter.run.OutputSink;
import java.io.ByteArrayOutputStream;

/** Keeps a standard output in the heap, as long as a description may be. */
final class BoundedOutput implements OutputSink {
    /** Bytes. Our own image's description has 16 KB. */
    static final int MOST = 256 << 10;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean cut;

    @Override
    public void stdout(byte[] bytes) {
        if (cut || bytes.length > MOST - kept.size()) {
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
