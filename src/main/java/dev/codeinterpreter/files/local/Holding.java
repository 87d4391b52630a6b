package dev.codeinterpreter.files.local;

import dev.codeinterpreter.files.StoredFile;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stored file and those who need its bytes: the store until it is deleted, and each reader. The last of them has {@code
 * onRelease} run, and nobody can begin to read afterwards.
 */
final class Holding {
    private final StoredFile file;
    private final Runnable onRelease;
    private final AtomicInteger users = new AtomicInteger(1);

    Holding(StoredFile file, Runnable onRelease) {
        this.file = file;
        this.onRelease = onRelease;
    }

    StoredFile file() {
        return file;
    }

    /** One reader more; false when the file is gone. */
    boolean retain() {
        return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            onRelease.run();
        }
    }
}
