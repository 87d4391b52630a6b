package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.TimeOrderedId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what is in place and what is still to be erased, with the ledger's lock held. Bytes are those of the disk, with what
 * is known of each file.
 */
record Recount(SharedDirectory directory) implements Ledger.Counter {
    @Override
    public Sums count() throws IOException {
        Map<String, Sums.Sum> sums = new HashMap<>();
        SharedDirectory.visit(directory.files(), owner -> {
            String ownerKey = owner.getFileName().toString();
            SharedDirectory.visit(owner, file -> add(sums, ownerKey, file));
        });
        SharedDirectory.visit(directory.outgoing(), file -> add(sums, SharedDirectory.ownerOf(file), file));
        return new Sums(Map.copyOf(sums));
    }

    private static void add(Map<String, Sums.Sum> sums, String ownerKey, Path file) throws IOException {
        if (TimeOrderedId.parse(SharedDirectory.keyOf(file)).isEmpty()) {
            // What an NFS client has made of a file that was deleted while it was open.
            return;
        }
        try {
            long bytes = Files.size(file);
            sums.merge(ownerKey, new Sums.Sum(1, bytes), Sums.Sum::plus);
        } catch (NoSuchFileException e) {
            // Deleted by hand meanwhile.
        }
    }
}
