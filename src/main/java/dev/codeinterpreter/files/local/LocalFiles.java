package dev.codeinterpreter.files.local;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.SumByOwner;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Files on disk, and an index of them in memory, which is why one process owns the directory.
 */
final class LocalFiles implements FileBackend {
    private static final System.Logger LOG = System.getLogger(LocalFiles.class.getName());
    private static final Comparator<StoredFile> NEWEST_FIRST = Comparator.comparing(StoredFile::uploadTime)
            .reversed()
            .thenComparing(file -> file.id().value());

    private final Clock clock;
    private final StoreDirectory directory;
    private final Quota quota;
    /** INVARIANT: a file is in {@code byId} before it is in {@code byOwner}, and leaves it first. */
    private final Map<FileId, Holding> byId = new ConcurrentHashMap<>();

    /** Only owners of files. */
    private final Map<Owner, NavigableSet<StoredFile>> byOwner = new ConcurrentHashMap<>();

    /** How many of them there are: to count a set takes as long as it is large. */
    private final SumByOwner counts = new SumByOwner();

    /**
     * Takes the directory and reads what is in it.
     *
     * @throws InvalidSettingsException when another process has the directory, or it cannot be made or read
     */
    LocalFiles(FilesConfig config, Clock clock, StorageBudget budget) {
        this.clock = clock;
        this.quota = new Quota(budget.files(), config.maxStorageBytes());
        try {
            this.directory = StoreDirectory.open(config.directory());
            load(config.directory(), directory.inventory());
        } catch (IOException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_STORAGE_DIR %s cannot be used: %s".formatted(config.directory(), e)));
        }
    }

    @Override
    public Optional<StoredFile> find(Owner owner, FileId id) {
        return holding(owner, id).map(Holding::file);
    }

    @Override
    public Optional<StoredContent> open(Owner owner, FileId id) {
        Optional<Holding> found = holding(owner, id);
        if (found.isEmpty() || !found.get().retain()) {
            return Optional.empty();
        }
        Holding holding = found.get();
        boolean opened = false;
        try {
            StoredContent content = read(holding);
            opened = true;
            return Optional.of(content);
        } catch (NoSuchFileException e) {
            // Deleted since.
            return Optional.empty();
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.INTERNAL, "stored file %s cannot be opened".formatted(id), e);
        } finally {
            if (!opened) {
                holding.release();
            }
        }
    }

    @Override
    public Upload create(Owner owner, String name) {
        quota.takeFile(name);
        FileId id = FileId.random();
        try {
            return new LocalUpload(this, id, owner, name, directory.create(id));
        } catch (IOException e) {
            quota.release(owner, name, 0);
            throw noSpace(e);
        }
    }

    @Override
    public boolean delete(Owner owner, FileId id) {
        return holding(owner, id).isPresent() && remove(id);
    }

    @Override
    public Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after) {
        NavigableSet<StoredFile> files = files(owner);
        return after.map(last -> files.tailSet(last, false)).orElse(files).iterator();
    }

    @Override
    public Usage usage() {
        return new Usage(byId.size(), quota.bytes());
    }

    @Override
    public Usage usage(Owner owner) {
        return new Usage(counts.of(owner), quota.bytes(owner));
    }

    @Override
    public int reap(Instant until) {
        int count = 0;
        for (NavigableSet<StoredFile> files : byOwner.values()) {
            // The oldest are at the end, so a pass reads no file that stays but one of each owner.
            for (StoredFile file : files.descendingSet()) {
                if (file.uploadTime().isAfter(until)) {
                    break;
                }
                count += remove(file.id()) ? 1 : 0;
            }
        }
        return count;
    }

    @Override
    public void close() {
        try {
            directory.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the file store", e);
        }
    }

    void takeBytes(Owner owner, long count) {
        quota.takeBytes(owner, count);
    }

    StoredFile publish(FileId id, Owner owner, String name, long size) throws IOException {
        StoredFile file = new StoredFile(id, owner, name, size, clock.instant());
        directory.publish(file);
        add(file);
        return file;
    }

    void discard(FileId id, Owner owner, String name, long size) {
        try {
            directory.discard(id);
            quota.release(owner, name, size);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "an unfinished file stays in the store until the next start", e);
        }
    }

    /** A write failed; Java tells a full disk from a broken one only by the message's text, and the first is usual. */
    static ServiceException noSpace(IOException cause) {
        return new ServiceException(ErrorCode.STORAGE_FULL, "The file store's disk takes no more data", cause);
    }

    private void load(Path place, StoreDirectory.Inventory inventory) {
        for (StoredFile file : inventory.files()) {
            quota.found(file.owner(), file.name(), file.size());
            add(file);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "File store {0}: {1} files, {2} bytes; skipped {3} entries that are damaged or not ours",
                place,
                byId.size(),
                Long.toString(quota.bytes()),
                inventory.skipped());
    }

    private boolean remove(FileId id) {
        Holding holding = byId.remove(id);
        if (holding == null) {
            return false;
        }
        counts.add(holding.file().owner(), -1);
        byOwner.computeIfPresent(holding.file().owner(), (owner, files) -> {
            files.remove(holding.file());
            return files.isEmpty() ? null : files;
        });
        try {
            directory.remove(id);
            holding.release();
        } catch (IOException e) {
            // So are its bytes.
            LOG.log(System.Logger.Level.WARNING, "stored file " + id + " stays on disk until the next start", e);
        }
        return true;
    }

    private void add(StoredFile file) {
        counts.add(file.owner(), 1);
        byId.put(file.id(), new Holding(file, () -> quota.release(file.owner(), file.name(), file.size())));
        byOwner.compute(file.owner(), (owner, present) -> {
            NavigableSet<StoredFile> files = present == null ? new ConcurrentSkipListSet<>(NEWEST_FIRST) : present;
            files.add(file);
            return files;
        });
    }

    private Optional<Holding> holding(Owner owner, FileId id) {
        return Optional.ofNullable(byId.get(id))
                .filter(holding -> holding.file().owner().equals(owner));
    }

    private NavigableSet<StoredFile> files(Owner owner) {
        NavigableSet<StoredFile> files = byOwner.get(owner);
        return files == null ? new ConcurrentSkipListSet<>(NEWEST_FIRST) : files;
    }

    /** Takes over the reader that the caller has made {@code holding} retain. */
    private StoredContent read(Holding holding) throws IOException {
        quota.takeReader();
        boolean opened = false;
        try {
            InputStream stream = directory.read(holding.file().id());
            opened = true;
            return new StoredContent(holding.file(), new CountedStream(stream, () -> {
                quota.releaseReader();
                holding.release();
            }));
        } finally {
            if (!opened) {
                quota.releaseReader();
            }
        }
    }
}
