package dev.codeinterpreter.files;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Files of which each is looked for when it is asked for. For one thread at a time. */
public abstract class FileIterator implements Iterator<StoredFile> {
    private @Nullable StoredFile next;

    /** The next file; null when there are no more, also when it is called again. */
    protected abstract @Nullable StoredFile advance();

    @Override
    public final boolean hasNext() {
        if (next == null) {
            next = advance();
        }
        return next != null;
    }

    @Override
    public final StoredFile next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        StoredFile file = next;
        next = null;
        return file;
    }
}
