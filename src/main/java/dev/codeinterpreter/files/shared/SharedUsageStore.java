package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.usage.UsageStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Usage under {@code usage/} of a shared directory. A file is written under {@code incoming/} and comes into place with one
 * rename.
 */
final class SharedUsageStore implements UsageStore {
    private final SharedDirectory directory;

    /** @throws IOException when its place cannot be made */
    SharedUsageStore(SharedDirectory directory) throws IOException {
        this.directory = directory;
        SharedDirectory.makeInside(directory.usage());
    }

    @Override
    public void write(String name, byte[] content) {
        Path arriving = directory.newFile();
        try {
            try (FileChannel channel = SharedDirectory.create(arriving)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    int _ = channel.write(bytes);
                }
                // Another host sees the name as soon as it is there: by then it is to see the bytes.
                channel.force(true);
            }
            Files.move(arriving, directory.usage().resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(arriving, e);
            throw DiskFailure.of(e);
        }
    }

    @Override
    public List<Entry> list(String after, String before) {
        TreeMap<String, Entry> entries = new TreeMap<>();
        try {
            SharedDirectory.visit(directory.usage(), path -> {
                String name = path.getFileName().toString();
                if (name.compareTo(after) > 0 && name.compareTo(before) < 0) {
                    entry(path).ifPresent(entry -> entries.put(name, entry));
                }
                if (entries.size() > MAX_ENTRIES) {
                    var _ = entries.pollFirstEntry();
                }
            });
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
        return List.copyOf(entries.values());
    }

    @Override
    public Optional<byte[]> read(String name) {
        try (InputStream content = Files.newInputStream(
                directory.usage().resolve(name), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(content.readNBytes(MAX_BYTES));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public void delete(List<String> names) {
        try {
            for (String name : names) {
                Files.deleteIfExists(directory.usage().resolve(name));
            }
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    /** Nothing but regular files: whatever else there is could block who opens it. */
    private static Optional<Entry> entry(Path path) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            // Each write makes another file, in case the clock of the disk counts seconds only.
            String version = "%s %s %s".formatted(file.lastModifiedTime(), file.size(), file.fileKey());
            return file.isRegularFile()
                    ? Optional.of(new Entry(path.getFileName().toString(), version, file.size()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static void discard(Path arriving, IOException failure) {
        try {
            Files.deleteIfExists(arriving);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
