package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The list {@code results} of an answer, on its way: in the order in which things were shown, but that the value of the last
 * line is the last one. What there is no room for is left out, as output is. For one thread at a time.
 */
final class ShownResults implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShownResults.class.getName());

    private static final int PIECE = 8 * 1024;

    private final SpillBuffer items;
    private String value = "";
    /** Bytes of whole elements. */
    private long whole;

    private boolean cut;

    /** Closes what it is given. */
    ShownResults(SpillBuffer items) {
        this.items = items;
    }

    void add(String item, boolean isValue) {
        if (isValue) {
            value = item;
        } else {
            write(item);
        }
    }

    /** Writes the list; after {@link #finish}. */
    void writeTo(OutputStream target) throws IOException {
        target.write('[');
        try (InputStream elements = items.open()) {
            byte[] piece = new byte[PIECE];
            for (long left = whole; left > 0; ) {
                int count = elements.readNBytes(piece, 0, (int) Math.min(left, piece.length));
                target.write(piece, 0, count);
                left -= count;
            }
        }
        target.write(']');
    }

    /** No more comes. */
    void finish() {
        if (!value.isEmpty()) {
            write(value);
            value = "";
        }
    }

    @Override
    public void close() {
        items.close();
    }

    private void write(String item) {
        if (cut) {
            return;
        }
        try {
            items.write(((whole > 0 ? "," : "") + item).getBytes(UTF_8));
            whole = items.length();
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "what a program shows is cut: {0}", e.getMessage());
            cut = true;
        }
    }
}
