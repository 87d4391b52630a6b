package dev.codeinterpreter.files;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Files as long as they match: from the first that does not, all are older and have expired too. */
final class LiveFiles implements Iterator<StoredFile> {
    private final Iterator<StoredFile> files;
    private final Predicate<StoredFile> alive;
    private @Nullable StoredFile next;
    private boolean ended;

    LiveFiles(Iterator<StoredFile> files, Predicate<StoredFile> alive) {
        this.files = files;
        this.alive = alive;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            StoredFile file = files.hasNext() ? files.next() : null;
            next = file != null && alive.test(file) ? file : null;
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public StoredFile next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        StoredFile file = next;
        next = null;
        return file;
    }
}
