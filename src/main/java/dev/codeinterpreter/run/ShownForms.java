package dev.codeinterpreter.run;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.spool.SpillBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what a program shows, one thing at a time. Its inline forms are kept as outputs are, its files go into the
 * store as they arrive. A form for which there is no room is left out.
 */
final class ShownForms implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShownForms.class.getName());

    private final OutputFiles outputs;
    private final Supplier<SpillBuffer> spool;
    private final Map<String, SpillBuffer> inline = new LinkedHashMap<>();
    private final List<ShownItem.ShownFile> files = new ArrayList<>();
    private boolean open;
    private boolean value;
    /** A form for which there was no room. */
    private boolean dropped;

    private int filesBefore;
    private Frame.@Nullable Form form;
    private long left;

    /** @param spool where inline forms wait; closed when the next thing is shown, or with this */
    ShownForms(OutputFiles outputs, Supplier<SpillBuffer> spool) {
        this.outputs = outputs;
        this.spool = spool;
    }

    boolean isOpen() {
        return open;
    }

    void start(Frame.Show show) {
        close();
        open = true;
        value = show.value();
        dropped = false;
        filesBefore = outputs.files().size();
        files.clear();
    }

    void start(Frame.Form next) {
        form = next;
        left = next.size();
        if (next.path().isPresent()) {
            outputs.start(new Frame.FileStart(next.path().get(), next.size()));
        } else {
            leaveOut(next.mimeType());
            inline.put(next.mimeType(), spool.get());
        }
    }

    void append(Frame.Data data) {
        Frame.Form current = requireNonNull(form, "data of no form");
        if (current.path().isEmpty()) {
            keep(current.mimeType(), data);
            return;
        }
        int before = outputs.files().size();
        outputs.append(data);
        left -= data.bytes().length;
        if (left == 0) {
            boolean stored = outputs.files().size() > before;
            dropped |= !stored;
            if (stored) {
                files.add(new ShownItem.ShownFile(
                        current.mimeType(), outputs.files().getLast()));
            }
        }
    }

    /** What is shown, until the next thing is; empty when the rest did not come, and then its files are deleted. */
    Optional<ShownItem> end(Frame.ShowEnd end) {
        open = false;
        if (!end.complete()) {
            outputs.discardFrom(filesBefore);
            return Optional.empty();
        }
        return Optional.of(new ShownItem(value, inline, files, end.truncated() || dropped));
    }

    @Override
    public void close() {
        inline.values().forEach(SpillBuffer::close);
        inline.clear();
    }

    private void keep(String mimeType, Frame.Data data) {
        SpillBuffer kept = inline.get(mimeType);
        if (kept == null) {
            return;
        }
        try {
            kept.write(data.bytes());
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "what a program shows is left out: {0}", e.getMessage());
            dropped = true;
            leaveOut(mimeType);
        }
    }

    private void leaveOut(String mimeType) {
        SpillBuffer earlier = inline.remove(mimeType);
        if (earlier != null) {
            earlier.close();
        }
    }
}
