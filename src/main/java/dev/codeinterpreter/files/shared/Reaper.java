package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.TimeOrderedId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes files away. One rename to {@code outgoing/} ends a file for everybody, and tells which of several processes ended
 * it; it is erased, and counts no more, when a lock on it says that nobody reads it, on any host.
 */
final class Reaper {
    private static final System.Logger LOG = System.getLogger(Reaper.class.getName());

    /** Between the moment in which a file is made and that in which it is locked; and what clocks may differ. */
    private static final Duration ARRIVAL_GRACE = Duration.ofMinutes(2);

    private static final int CHUNK = 1000;

    private final SharedDirectory directory;
    private final Ledger ledger;
    private final Readers readers;
    private final Clock clock;

    Reaper(SharedDirectory directory, Ledger ledger, Readers readers, Clock clock) {
        this.directory = directory;
        this.ledger = ledger;
        this.readers = readers;
        this.clock = clock;
    }

    /** False when there was no such file, or another process was quicker. */
    boolean remove(String ownerKey, String key) throws IOException {
        Path leaving = directory.leaving(ownerKey, key);
        AtomicBoolean removed = new AtomicBoolean();
        ledger.change(sums -> {
            try {
                Files.move(directory.place(ownerKey, key), leaving, StandardCopyOption.ATOMIC_MOVE);
            } catch (NoSuchFileException e) {
                return sums;
            }
            removed.set(true);
            return without(leaving, sums);
        });
        return removed.get();
    }

    /** Erases the file that was at {@code place} if it has been removed. */
    void eraseIfLeaving(Path place) {
        Path leaving = directory.leaving(
                place.getName(place.getNameCount() - 2).toString(),
                place.getFileName().toString());
        try {
            if (Files.exists(leaving, LinkOption.NOFOLLOW_LINKS)) {
                erase(leaving);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a deleted file stays in the store until it is reaped", e);
        }
    }

    /** Removes what was uploaded at {@code until} or before, and erases what can be; gives the number of files removed. */
    int reap(Instant until) throws IOException {
        AtomicInteger count = new AtomicInteger();
        String before = TimeOrderedId.keyBefore(until);
        SharedDirectory.visit(directory.files(), owner -> {
            String ownerKey = owner.getFileName().toString();
            for (var keys = directory.keys(ownerKey, before, CHUNK);
                    !keys.isEmpty();
                    keys = directory.keys(ownerKey, keys.getLast(), CHUNK)) {
                for (String key : keys) {
                    count.addAndGet(remove(ownerKey, key) ? 1 : 0);
                }
            }
        });
        SharedDirectory.visit(directory.outgoing(), this::erase);
        SharedDirectory.visit(directory.incoming(), this::sweep);
        Sums sums = ledger.refresh();
        removeEmptyOwners(sums);
        return count.get();
    }

    private void erase(Path leaving) throws IOException {
        if (TimeOrderedId.parse(SharedDirectory.keyOf(leaving)).isEmpty()) {
            // What an NFS client has made of a file that was deleted while it was open; it goes by itself.
            return;
        }
        ledger.change(sums -> without(leaving, sums));
    }

    /**
     * Erases a file unless it is read, with the ledger's lock held: that may be waited for, and readers of other files are
     * not to wait with it.
     */
    private Sums without(Path leaving, Sums sums) throws IOException {
        String ownerKey = SharedDirectory.ownerOf(leaving);
        AtomicReference<Sums> after = new AtomicReference<>(sums);
        readers.unlessOpen(
                directory.place(ownerKey, SharedDirectory.keyOf(leaving)),
                () -> whenUnlocked(leaving, () -> {
                    long bytes = Files.size(leaving);
                    Files.delete(leaving);
                    after.set(sums.plus(ownerKey, -1, -bytes));
                }));
        return after.get();
    }

    /** Deletes an unfinished file unless it is being written. */
    private void sweep(Path arriving) throws IOException {
        try {
            boolean fresh = Files.getLastModifiedTime(arriving, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isAfter(clock.instant().minus(ARRIVAL_GRACE));
            if (!directory.isOwn(arriving) && !fresh) {
                whenUnlocked(arriving, () -> Files.deleteIfExists(arriving));
            }
        } catch (NoSuchFileException e) {
            // Finished meanwhile.
        }
    }

    private static void whenUnlocked(Path path, Readers.DiskAction action) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                action.run();
            }
        } catch (NoSuchFileException | OverlappingFileLockException e) {
            // Gone already, or in use by another store of this very process.
        }
    }

    /** Under the lock, since a file may be about to come into such a directory. */
    private void removeEmptyOwners(Sums sums) throws IOException {
        SharedDirectory.visit(directory.files(), owner -> {
            if (sums.of(owner.getFileName().toString()).files() == 0) {
                ledger.change(current -> {
                    try {
                        Files.deleteIfExists(owner);
                    } catch (DirectoryNotEmptyException e) {
                        // Somebody else's, or one file too much of ours: it stays.
                    }
                    return current;
                });
            }
        });
    }
}
