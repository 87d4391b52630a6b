package dev.codeinterpreter.run;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.runner.Frame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what a program shows. One thing at a time; its inline forms are in the heap until it is whole, at most
 * MAX_RESULT_BYTES, its files go into the store as they come.
 */
final class ShownForms {
    private final OutputFiles outputs;
    private final Map<String, ByteArrayOutputStream> inline = new LinkedHashMap<>();
    private final List<ShownItem.ShownFile> files = new ArrayList<>();
    private boolean open;
    private boolean value;
    /** A file that the store did not take. */
    private boolean dropped;

    private int filesBefore;
    private Frame.@Nullable Form form;
    private long left;

    ShownForms(OutputFiles outputs) {
        this.outputs = outputs;
    }

    boolean isOpen() {
        return open;
    }

    void start(Frame.Show show) {
        open = true;
        value = show.value();
        dropped = false;
        filesBefore = outputs.files().size();
        inline.clear();
        files.clear();
    }

    void start(Frame.Form next) {
        form = next;
        left = next.size();
        if (next.path().isPresent()) {
            outputs.start(new Frame.FileStart(next.path().get(), next.size()));
        } else {
            inline.put(next.mimeType(), new ByteArrayOutputStream());
        }
    }

    void append(Frame.Data data) {
        Frame.Form current = requireNonNull(form, "data of no form");
        if (current.path().isEmpty()) {
            requireNonNull(inline.get(current.mimeType())).writeBytes(data.bytes());
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

    /** What is shown; empty when the rest did not come, and then its files are deleted. */
    Optional<ShownItem> end(Frame.ShowEnd end) {
        open = false;
        if (!end.complete()) {
            outputs.discardFrom(filesBefore);
            return Optional.empty();
        }
        Map<String, byte[]> forms = new LinkedHashMap<>();
        inline.forEach((type, text) -> forms.put(type, text.toByteArray()));
        return Optional.of(new ShownItem(value, forms, files, end.truncated() || dropped));
    }
}
