package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerKey;
import dev.codeinterpreter.files.StoreLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.SumByOwner;
import dev.codeinterpreter.files.TimeOrderedId;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Files in a directory that several processes have in common. What is there is what the directory says: nothing is kept in
 * memory but what the sums were when they were last read.
 */
final class SharedFiles implements FileBackend {
    private static final System.Logger LOG = System.getLogger(SharedFiles.class.getName());

    private final Clock clock;
    private final StoreLimit limit;
    private final SharedDirectory directory;
    private final Ledger ledger;
    private final Readers readers;
    private final Reaper reaper;
    /** Bytes at this process that are not stored yet. */
    private final SumByOwner arriving = new SumByOwner();

    /** Completes a file with what is known of it, and says where it is. */
    @FunctionalInterface
    interface Completion {
        Path complete(StoredFile file) throws IOException;
    }

    /** @throws InvalidSettingsException when the directory cannot be used, or has no locks */
    SharedFiles(FilesConfig config, Clock clock, StorageBudget budget, Duration lockTimeout) {
        this.clock = clock;
        this.limit = StoreLimit.of(config.maxStorageBytes());
        this.readers = new Readers(budget.files());
        try {
            this.directory = SharedDirectory.open(config.directory());
            this.ledger = new Ledger(directory.ledger(), new Recount(directory), lockTimeout);
            this.reaper = new Reaper(directory, ledger, readers, clock);
            readers.afterLast(reaper::eraseIfLeaving);
            Sums.Sum found = ledger.refresh().total();
            LOG.log(
                    System.Logger.Level.INFO,
                    "Shared file store {0}: {1} files, {2} bytes",
                    config.directory(),
                    Long.toString(found.files()),
                    Long.toString(found.bytes()));
        } catch (IOException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_STORAGE_DIR %s cannot be used: %s".formatted(config.directory(), e)));
        }
    }

    @Override
    public Upload create(Owner owner, String name) {
        try {
            return new SharedUpload(this, owner, name, directory.newFile());
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public Optional<StoredFile> find(Owner owner, FileId id) {
        try {
            return readers.find(directory.place(owner, id), id);
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public Optional<StoredContent> open(Owner owner, FileId id) {
        try {
            return readers.open(directory.place(owner, id), id);
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public boolean delete(Owner owner, FileId id) {
        try {
            return reaper.remove(OwnerKey.of(owner), TimeOrderedId.key(id));
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after) {
        return new Listing(
                directory,
                readers,
                OwnerKey.of(owner),
                after.map(file -> TimeOrderedId.key(file.id())).orElse(""));
    }

    @Override
    public int reap(Instant until) {
        try {
            return reaper.reap(until);
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public Usage usage() {
        Sums.Sum total = ledger.last().total();
        return new Usage(total.files(), total.bytes() + arriving.total());
    }

    @Override
    public Usage usage(Owner owner) {
        Sums.Sum sum = ledger.last().of(OwnerKey.of(owner));
        return new Usage(sum.files(), sum.bytes() + arriving.of(owner));
    }

    @Override
    public void close() {
        try {
            ledger.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the file store", e);
        }
    }

    /** Bytes come, or go again. What is known of the sums may be a minute old: before a refusal they are read. */
    void arrive(Owner owner, long bytes) {
        if (bytes > 0 && usage().bytes() + bytes > limit.maxBytes()) {
            try {
                limit.check(0, ledger.refresh().total().bytes() + arriving.total() + bytes);
            } catch (IOException e) {
                throw DiskFailure.of(e);
            }
        }
        arriving.add(owner, bytes);
    }

    /** Puts a file into place, if all processes' files together leave room for it. */
    StoredFile publish(Owner owner, String name, long size, Completion completion) throws IOException {
        String ownerKey = OwnerKey.of(owner);
        FileId id = TimeOrderedId.at(clock.instant());
        StoredFile file = new StoredFile(id, owner, name, size, TimeOrderedId.time(id));
        Path complete = completion.complete(file);
        long bytes = Files.size(complete);
        Path place = directory.place(owner, id);
        ledger.change(
                sums -> {
                    Sums.Sum before = sums.total();
                    limit.check(before.files() + 1, before.bytes() + bytes);
                    SharedDirectory.makeInside(directory.files().resolve(ownerKey));
                    Files.move(complete, place, StandardCopyOption.ATOMIC_MOVE);
                    return sums.plus(ownerKey, 1, bytes);
                },
                () -> Files.deleteIfExists(place));
        return file;
    }
}
