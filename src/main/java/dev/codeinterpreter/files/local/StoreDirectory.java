package dev.codeinterpreter.files.local;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileMetadata;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.storage.PrivateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The store on disk: each file is a directory {@code <id>/{content,meta.json}}.
 *
 * <p>Theory of operation: a file is built under {@code incoming/} and moved into place with one rename; a file that goes
 * is moved to {@code outgoing/} with one rename before anything of it is deleted. So whatever happens, all of a file is
 * in place or none of it, and what is under those two is rubbish at the next start. Nothing is forced to the disk: the
 * files live for an hour, and the size in meta.json betrays content that a power cut has lost.
 */
final class StoreDirectory implements AutoCloseable {
    private static final String CONTENT = "content";
    private static final String META = "meta.json";
    private static final String LOCK = ".lock";
    /** Where the long strings of requests are, while they are being read. */
    private static final String SPOOL = "spool";

    private final Path root;
    private final Path incoming;
    private final Path outgoing;
    private final FileChannel lock;

    /** What a directory held when it was opened. */
    record Inventory(List<StoredFile> files, int skipped) {}

    private StoreDirectory(Path root, FileChannel lock) {
        this.root = root;
        this.incoming = root.resolve("incoming");
        this.outgoing = root.resolve("outgoing");
        this.lock = lock;
    }

    /**
     * Takes the directory for this process, and sweeps what an earlier one left half done.
     *
     * @throws InvalidSettingsException when another process has it
     * @throws IOException when it cannot be used, or other users can write to it
     */
    static StoreDirectory open(Path root) throws IOException {
        PrivateDirectory.prepare(root);
        FileChannel lock = FileChannel.open(
                root.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PrivateDirectory.FILE_MODE);
        if (!locked(lock)) {
            lock.close();
            throw new InvalidSettingsException(
                    List.of("FILE_STORAGE_DIR %s is in use by another process; each needs a directory of its own"
                            .formatted(root)));
        }
        StoreDirectory directory = new StoreDirectory(root, lock);
        directory.sweep();
        return directory;
    }

    /** The files in place. Whatever else there is, is left alone and counted. */
    Inventory inventory() throws IOException {
        List<StoredFile> files = new ArrayList<>();
        int skipped = 0;
        Set<Path> ours = Set.of(incoming, outgoing, root.resolve(LOCK), root.resolve(SPOOL));
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                Optional<StoredFile> file = ours.contains(entry) ? Optional.empty() : load(entry);
                file.ifPresent(files::add);
                skipped += file.isEmpty() && !ours.contains(entry) ? 1 : 0;
            }
        }
        return new Inventory(files, skipped);
    }

    OutputStream create(FileId id) throws IOException {
        Path place = Files.createDirectory(incoming.resolve(id.toString()), PrivateDirectory.DIRECTORY_MODE);
        return newFile(place.resolve(CONTENT));
    }

    /** Puts a file into place whose content is complete and closed. */
    void publish(StoredFile file) throws IOException {
        Path built = incoming.resolve(file.id().toString());
        try (OutputStream meta = newFile(built.resolve(META))) {
            FileMetadata.write(meta, file);
        }
        Files.move(built, place(file.id()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes a file that was not published. */
    void discard(FileId id) throws IOException {
        delete(incoming.resolve(id.toString()));
    }

    /** Deletes a published file. */
    void remove(FileId id) throws IOException {
        Path going = outgoing.resolve(id.toString());
        Files.move(place(id), going, StandardCopyOption.ATOMIC_MOVE);
        delete(going);
    }

    InputStream read(FileId id) throws IOException {
        return Channels.newInputStream(
                FileChannel.open(place(id).resolve(CONTENT), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another store of this very process.
            return false;
        }
    }

    private Optional<StoredFile> load(Path entry) throws IOException {
        Optional<FileId> id = FileId.parse(entry.getFileName().toString());
        if (id.isEmpty() || !place(id.get()).equals(entry)) {
            return Optional.empty();
        }
        return FileMetadata.read(entry.resolve(META), id.get()).filter(file -> hasContent(entry, file.size()));
    }

    private static boolean hasContent(Path entry, long size) {
        try {
            BasicFileAttributes content =
                    Files.readAttributes(entry.resolve(CONTENT), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return content.isRegularFile()
                    && content.size() == size
                    && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return false;
        }
    }

    private void sweep() throws IOException {
        // A process that dies between making a spool and taking its name away leaves it behind.
        for (Path directory : List.of(incoming, outgoing, root.resolve(SPOOL))) {
            PrivateDirectory.prepareInside(directory);
            try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory)) {
                for (Path leftover : leftovers) {
                    delete(leftover);
                }
            }
        }
    }

    /** Deletes one entry of ours, which has no directories in it. */
    private static void delete(Path entry) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(entry)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // Gone, or a stray file: nothing is inside.
        }
        Files.deleteIfExists(entry);
    }

    private static OutputStream newFile(Path path) throws IOException {
        return Channels.newOutputStream(FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PrivateDirectory.FILE_MODE));
    }

    private Path place(FileId id) {
        return root.resolve(id.toString());
    }
}
