package dev.codeinterpreter.files;

import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Files as long as they match: from the first that does not, all are older and have expired too. */
final class LiveFiles extends FileIterator {
    private final Iterator<StoredFile> files;
    private final Predicate<StoredFile> alive;
    private boolean ended;

    LiveFiles(Iterator<StoredFile> files, Predicate<StoredFile> alive) {
        this.files = files;
        this.alive = alive;
    }

    @Override
    protected @Nullable StoredFile advance() {
        StoredFile file = !ended && files.hasNext() ? files.next() : null;
        ended = file == null || !alive.test(file);
        return ended ? null : file;
    }
}
