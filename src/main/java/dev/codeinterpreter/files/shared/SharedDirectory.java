package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerKey;
import dev.codeinterpreter.files.TimeOrderedId;
import dev.codeinterpreter.storage.PrivateDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;

/**
 * The places in a shared directory. A stored file is one file, {@code files/<owner>/<key>}: its content, and a {@link
 * Trailer}. It is written under {@code incoming/} and comes into place with one rename; with another it goes to {@code
 * outgoing/}, and is erased there when nobody reads it any more. Under {@code usage/} is what replicas have counted.
 */
record SharedDirectory(Path root, String process) {
    private static final char SEPARATOR = '~';

    /** What is done with an entry of a directory. */
    @FunctionalInterface
    interface Visitor {
        void visit(Path entry) throws IOException;
    }

    /** @throws IOException when it cannot be used, or other users can write to it */
    static SharedDirectory open(Path root) throws IOException {
        PrivateDirectory.prepare(root);
        SharedDirectory directory = new SharedDirectory(root, UUID.randomUUID().toString());
        for (Path inside : List.of(directory.files(), directory.incoming(), directory.outgoing())) {
            makeInside(inside);
        }
        return directory;
    }

    Path files() {
        return root.resolve("files");
    }

    Path incoming() {
        return root.resolve("incoming");
    }

    Path outgoing() {
        return root.resolve("outgoing");
    }

    Path usage() {
        return root.resolve("usage");
    }

    Path ledger() {
        return root.resolve("ledger");
    }

    Path newFile() {
        return incoming().resolve(process + SEPARATOR + UUID.randomUUID());
    }

    /** Whether a path under {@code incoming/} is this process's. */
    boolean isOwn(Path arriving) {
        return arriving.getFileName().toString().startsWith(process + SEPARATOR);
    }

    Path place(Owner owner, FileId id) {
        return place(OwnerKey.of(owner), TimeOrderedId.key(id));
    }

    Path place(String ownerKey, String key) {
        return files().resolve(ownerKey).resolve(key);
    }

    Path leaving(String ownerKey, String key) {
        return outgoing().resolve(ownerKey + SEPARATOR + key);
    }

    /** The owner of a path under {@code outgoing/}. */
    static String ownerOf(Path leaving) {
        String name = leaving.getFileName().toString();
        return name.substring(0, Math.max(0, name.indexOf(SEPARATOR)));
    }

    /** The key of a path under {@code outgoing/}, or of one in place. */
    static String keyOf(Path leaving) {
        String name = leaving.getFileName().toString();
        return name.substring(name.indexOf(SEPARATOR) + 1);
    }

    /** The first {@code count} keys of ids after {@code after}, in their order; in the heap are no more. */
    List<String> keys(String ownerKey, String after, int count) throws IOException {
        PriorityQueue<String> first = new PriorityQueue<>(Comparator.reverseOrder());
        visit(files().resolve(ownerKey), path -> {
            String key = path.getFileName().toString();
            if (key.compareTo(after) > 0 && TimeOrderedId.parse(key).isPresent()) {
                first.add(key);
                if (first.size() > count) {
                    first.remove();
                }
            }
        });
        List<String> keys = new ArrayList<>(first);
        keys.sort(Comparator.naturalOrder());
        return keys;
    }

    /** Visits what is in {@code directory} one by one, as there may be 100,000; nothing when it is not there. */
    static void visit(Path directory, Visitor visitor) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                visitor.visit(entry);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
    }

    /** Makes a file that no other user can read; the caller closes it. */
    static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PrivateDirectory.FILE_MODE);
    }

    /** Makes a directory, which another process may do at the same time. */
    static void makeInside(Path path) throws IOException {
        try {
            PrivateDirectory.prepareInside(path);
        } catch (FileAlreadyExistsException e) {
            PrivateDirectory.prepareInside(path);
        }
    }
}
