package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The list {@code results} of an answer, on its way: in the order in which things were shown, but that the value of the last
 * line is the last one. What there is no room for is left out, as output is. For one thread at a time.
 */
final class ShownResults implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShownResults.class.getName());

    private static final int PIECE = 8 * 1024;

    private final Supplier<SpillBuffer> spool;
    private final SpillBuffer items;
    private @Nullable SpillBuffer value;
    /** Bytes of whole elements. */
    private long whole;

    private boolean cut;

    /** @param spool where they wait; closed with this */
    ShownResults(Supplier<SpillBuffer> spool) {
        this.spool = spool;
        this.items = spool.get();
    }

    void add(ShownItem item) {
        if (item.value()) {
            add(item, json -> {});
        } else {
            guarded(() -> {
                separate();
                ShownJson.write(item, spool, items);
                whole = items.length();
            });
        }
    }

    /** @param each gets the item's JSON, on one line, when there is room for it */
    void add(ShownItem item, IoConsumer<SpillBuffer> each) {
        guarded(() -> {
            SpillBuffer json = spool.get();
            try {
                ShownJson.write(item, spool, json);
                each.accept(json);
                if (item.value()) {
                    closeValue();
                    value = json;
                } else {
                    append(json);
                }
            } finally {
                if (json != value) {
                    json.close();
                }
            }
        });
    }

    /** What may fail as a file does. */
    interface IoConsumer<T> {
        void accept(T of) throws IOException;
    }

    /** The same without anything to take. */
    private interface IoAction {
        void run() throws IOException;
    }

    /** No more comes. */
    void finish() {
        SpillBuffer last = value;
        if (last != null) {
            guarded(() -> append(last));
            closeValue();
        }
    }

    /** After the first item for which there is no room there are no further ones. */
    private void guarded(IoAction action) {
        if (cut) {
            return;
        }
        try {
            action.run();
        } catch (ServiceException | IOException e) {
            LOG.log(System.Logger.Level.WARNING, "what a program shows is cut: {0}", e.getMessage());
            cut = true;
        }
    }

    /** Writes the list; after {@link #finish}. */
    void writeTo(OutputStream target) throws IOException {
        target.write('[');
        copyTo(target);
        target.write(']');
    }

    /** The list is empty from now on, and takes no room: there is none for the rest of the answer. */
    void discard() {
        LOG.log(System.Logger.Level.WARNING, "what a program showed is left out: no storage is left");
        cut = true;
        whole = 0;
        close();
    }

    @Override
    public void close() {
        items.close();
        closeValue();
    }

    private void copyTo(OutputStream target) throws IOException {
        if (whole == 0) {
            return;
        }
        try (InputStream elements = items.open()) {
            byte[] piece = new byte[PIECE];
            for (long left = whole; left > 0; ) {
                int count = elements.readNBytes(piece, 0, (int) Math.min(left, piece.length));
                target.write(piece, 0, count);
                left -= count;
            }
        }
    }

    private void append(SpillBuffer json) throws IOException {
        separate();
        try (InputStream in = json.open()) {
            in.transferTo(items.sink());
        }
        whole = items.length();
    }

    private void separate() throws IOException {
        if (whole > 0) {
            items.sink().write(',');
        }
    }

    private void closeValue() {
        if (value != null) {
            value.close();
            value = null;
        }
    }
}
