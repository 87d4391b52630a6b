package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.storage.Account;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The files that this process reads, each open once and locked so that no process erases it meanwhile. Once, because a
 * process loses all its fcntl locks on a file with the first descriptor of it that it closes.
 */
final class Readers {
    private static final System.Logger LOG = System.getLogger(Readers.class.getName());

    /** By the place in which the file was found. */
    private final Map<Path, Reader> open = new ConcurrentHashMap<>();

    private final Account descriptors;
    private Consumer<Path> afterLast = place -> {};

    /** An open file, and how many read it. */
    private record Reader(FileChannel channel, StoredFile file, int users) {
        Reader with(int count) {
            return new Reader(channel, file, count);
        }
    }

    /** Something with the disk. */
    @FunctionalInterface
    interface DiskAction {
        void run() throws IOException;
    }

    Readers(Account descriptors) {
        this.descriptors = descriptors;
    }

    /** Has {@code action} get each place whose last reader of this process has gone. Called before the first reader. */
    void afterLast(Consumer<Path> action) {
        afterLast = action;
    }

    /** The file at {@code place}; its reader closes it. Empty when it is not there, damaged or going. */
    Optional<StoredContent> open(Path place, FileId id) throws IOException {
        if (open.containsKey(place) && Files.notExists(place, LinkOption.NOFOLLOW_LINKS)) {
            // Removed, but still read.
            return Optional.empty();
        }
        descriptors.takeFile();
        Reader reader = null;
        try {
            reader = open.compute(
                    place, (path, present) -> present == null ? begin(path, id) : present.with(present.users + 1));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (reader == null) {
                descriptors.releaseFile();
            }
        }
        return Optional.ofNullable(reader)
                .map(opened -> new StoredContent(
                        opened.file, new ChannelStream(opened.channel, opened.file.size(), () -> end(place))));
    }

    /** What is known of the file at {@code place}. Empty as by {@link #open}. */
    Optional<StoredFile> find(Path place, FileId id) throws IOException {
        Reader reading = open.get(place);
        if (reading != null) {
            return Files.exists(place, LinkOption.NOFOLLOW_LINKS) ? Optional.of(reading.file) : Optional.empty();
        }
        AtomicReference<@Nullable StoredFile> found = new AtomicReference<>();
        unlessOpen(place, () -> {
            try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                found.set(Trailer.read(channel, id).orElse(null));
            } catch (NoSuchFileException e) {
                // It stays empty.
            }
        });
        return Optional.ofNullable(found.get());
    }

    /** Does {@code action} with a file that this process does not read, and will not meanwhile. */
    void unlessOpen(Path place, DiskAction action) throws IOException {
        try {
            Reader _ = open.compute(place, (path, present) -> {
                if (present == null) {
                    unchecked(action);
                }
                return present;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static @Nullable Reader begin(Path place, FileId id) {
        try {
            FileChannel channel = FileChannel.open(place, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            boolean usable = false;
            try {
                // Who erases a file moves it first and then locks it: with our lock it stays, or it has moved.
                boolean locked = lock(channel) && Files.exists(place, LinkOption.NOFOLLOW_LINKS);
                Optional<StoredFile> file = locked ? Trailer.read(channel, id) : Optional.empty();
                usable = file.isPresent();
                return file.map(found -> new Reader(channel, found, 1)).orElse(null);
            } finally {
                if (!usable) {
                    channel.close();
                }
            }
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A lock that any number may have; released with the channel. */
    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, true) != null;
        } catch (OverlappingFileLockException e) {
            // Another store of this very process.
            return true;
        }
    }

    private void end(Path place) {
        descriptors.releaseFile();
        AtomicBoolean last = new AtomicBoolean();
        Reader _ = open.computeIfPresent(place, (path, reader) -> {
            if (reader.users > 1) {
                return reader.with(reader.users - 1);
            }
            try {
                reader.channel.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a stored file", e);
            }
            last.set(true);
            return null;
        });
        if (last.get()) {
            afterLast.accept(place);
        }
    }

    private static void unchecked(DiskAction action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
