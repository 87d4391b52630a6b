package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.TimeOrderedId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An owner's files, the newest first; those that go meanwhile are left out. */
final class Listing implements Iterator<StoredFile> {
    /** Keys of 32 characters that are held: for a page of 10,000 files the directory is read ten times. */
    private static final int CHUNK = 1000;

    private final SharedDirectory directory;
    private final Readers readers;
    private final String ownerKey;
    private final Deque<String> keys = new ArrayDeque<>();
    private String last;
    private boolean ended;
    private @Nullable StoredFile next;

    Listing(SharedDirectory directory, Readers readers, String ownerKey, String after) {
        this.directory = directory;
        this.readers = readers;
        this.ownerKey = ownerKey;
        this.last = after;
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null && !ended) {
                advance();
            }
        } catch (IOException e) {
            throw DiskFailure.of(e);
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

    private void advance() throws IOException {
        if (keys.isEmpty()) {
            List<String> chunk = directory.keys(ownerKey, last, CHUNK);
            ended = chunk.isEmpty();
            keys.addAll(chunk);
        }
        String key = keys.poll();
        if (key != null) {
            last = key;
            Optional<StoredFile> file = TimeOrderedId.parse(key).isEmpty()
                    ? Optional.empty()
                    : readers.find(
                            directory.place(ownerKey, key),
                            TimeOrderedId.parse(key).get());
            next = file.orElse(null);
        }
    }
}
