package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileIterator;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.TimeOrderedId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An owner's files, the newest first; those that go meanwhile are left out. */
final class Listing extends FileIterator {
    /** Keys of 32 characters that are held: for a page of 10,000 files the directory is read ten times. */
    private static final int CHUNK = 1000;

    private final SharedDirectory directory;
    private final Readers readers;
    private final String ownerKey;
    private final Deque<String> keys = new ArrayDeque<>();
    private String last;

    Listing(SharedDirectory directory, Readers readers, String ownerKey, String after) {
        this.directory = directory;
        this.readers = readers;
        this.ownerKey = ownerKey;
        this.last = after;
    }

    @Override
    protected @Nullable StoredFile advance() {
        try {
            for (String key = nextKey(); key != null; key = nextKey()) {
                FileId id = TimeOrderedId.parse(key).orElseThrow();
                Optional<StoredFile> file = readers.find(directory.place(ownerKey, key), id);
                if (file.isPresent()) {
                    return file.get();
                }
            }
            return null;
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    private @Nullable String nextKey() throws IOException {
        if (keys.isEmpty()) {
            keys.addAll(directory.keys(ownerKey, last, CHUNK));
        }
        String key = keys.poll();
        if (key != null) {
            last = key;
        }
        return key;
    }
}
