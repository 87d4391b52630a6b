package dev.codeinterpreter.files.local;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** Says once when it is closed. */
final class CountedStream extends FilterInputStream {
    private final Runnable onClose;
    private final AtomicBoolean open = new AtomicBoolean(true);

    CountedStream(InputStream source, Runnable onClose) {
        super(source);
        this.onClose = onClose;
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            if (open.compareAndSet(true, false)) {
                onClose.run();
            }
        }
    }
}
