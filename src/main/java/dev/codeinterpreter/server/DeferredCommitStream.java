package dev.codeinterpreter.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Passes everything on, but the first 8 KiB only when there are more, or when they are released. */
final class DeferredCommitStream extends OutputStream {
    /** As much as Jersey holds back itself, to count the length of a short body. */
    private static final int MAX_BYTES = 8 * 1024;

    private final OutputStream target;
    private ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean released;
    private boolean connectionLost;

    DeferredCommitStream(OutputStream target) {
        this.target = target;
    }

    boolean isReleased() {
        return released;
    }

    /** What failed was passing on: nobody is there to be misled. */
    boolean isConnectionLost() {
        return connectionLost;
    }

    void release() throws IOException {
        if (!released) {
            released = true;
            ByteArrayOutputStream beginning = held;
            // A client may take its time for the rest.
            held = new ByteArrayOutputStream(0);
            pass(() -> beginning.writeTo(target));
        }
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (!released && held.size() + length > MAX_BYTES) {
            release();
        }
        if (released) {
            pass(() -> target.write(bytes, offset, length));
        } else {
            held.write(bytes, offset, length);
        }
    }

    /** Nothing before the beginning is released: writers flush when they are done, and then it is. */
    @Override
    public void flush() throws IOException {
        if (released) {
            pass(target::flush);
        }
    }

    @Override
    public void close() throws IOException {
        // The answer is complete when its stream is closed.
        release();
        pass(target::close);
    }

    private interface Passing {
        void run() throws IOException;
    }

    private void pass(Passing passing) throws IOException {
        connectionLost = true;
        passing.run();
        connectionLost = false;
    }
}
