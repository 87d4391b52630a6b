package dev.codeinterpreter.files;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Keeps each owner's files on disk under random ids until they are deleted or expire. Content is streamed both ways; what is held in
 * memory is an index, which is why one process owns the directory. An expired file is gone at once for everybody, and
 * from the disk when {@link FileReaper} comes by. All methods may be called from any thread.
 */
@ApplicationScoped // and so opened at its first call: with a bad setting nothing is to be written or taken
public class FileStore implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(FileStore.class.getName());
    private static final Comparator<StoredFile> NEWEST_FIRST = Comparator.comparing(StoredFile::uploadTime)
            .reversed()
            .thenComparing(file -> file.id().value());

    private final FilesConfig config;
    private final Clock clock;
    private final StoreDirectory directory;
    private final Quota quota;
    /** INVARIANT: a file is in {@code byId} before it is in {@code byOwner}, and leaves it first. */
    private final Map<FileId, Holding> byId = new ConcurrentHashMap<>();

    /** Only owners of files. */
    private final Map<Owner, NavigableSet<StoredFile>> byOwner = new ConcurrentHashMap<>();

    /**
     * Takes the directory and reads what is in it.
     *
     * @throws InvalidSettingsException when another process has the directory, or it cannot be made or read
     */
    @Inject
    public FileStore(FilesConfig config, Clock clock, StorageBudget budget) {
        this.config = config;
        this.clock = clock;
        this.quota = new Quota(budget.files(), config.maxStorageBytes());
        try {
            this.directory = StoreDirectory.open(config.directory());
            load(directory.inventory());
        } catch (IOException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_STORAGE_DIR %s cannot be used: %s".formatted(config.directory(), e)));
        }
    }

    /** A store with a budget of its own, of which nothing is reserved for other uses. */
    public FileStore(FilesConfig config, Clock clock) {
        this(config, clock, StorageBudget.ofFiles(config.maxStorageBytes()));
    }

    /** The file, unless it never was, belongs to another, was deleted or has expired. */
    public Optional<StoredFile> find(Owner owner, FileId id) {
        return holding(owner, id).map(Holding::file);
    }

    /**
     * Opens a file for reading; the caller closes it. Empty when {@link #find} is. Its bytes count until it is deleted and
     * the last reader has closed it.
     *
     * @throws ServiceException INTERNAL when the disk does not give it, STORAGE_FULL when too many files are open
     */
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

    /**
     * Begins a file called {@code name} of {@code owner}, which nobody sees before {@link NewFile#commit}.
     *
     * @throws ServiceException STORAGE_FULL when the store has no place for it
     */
    public NewFile create(Owner owner, String name) {
        quota.takeFile(name);
        FileId id = FileId.random();
        try {
            return new NewFile(this, id, owner, name, config.maxFileBytes(), directory.create(id));
        } catch (IOException e) {
            quota.release(owner, name, 0);
            throw noSpace(e);
        }
    }

    /** Deletes a file; false when there was none. Who has it open can read it to its end. */
    public boolean delete(Owner owner, FileId id) {
        return find(owner, id).isPresent() && remove(id);
    }

    /** At most {@code limit} files of {@code owner}, the newest first. */
    public List<StoredFile> list(Owner owner, int limit) {
        return page(files(owner), limit);
    }

    /** At most {@code limit} files of {@code owner} older than {@code after}, which need not be there any more. */
    public List<StoredFile> list(Owner owner, int limit, StoredFile after) {
        return page(files(owner).tailSet(after, false), limit);
    }

    /** Files in place, of all owners. */
    public long fileCount() {
        return byId.size();
    }

    /**
     * Bytes of all files of all owners, those that are still arriving included, and those that are deleted but still read:
     * what FILE_STORAGE_MAX_MB bounds.
     */
    public long storedBytes() {
        return quota.bytes();
    }

    /** The share of {@code owner} in {@link #storedBytes()}. */
    public long storedBytes(Owner owner) {
        return quota.bytes(owner);
    }

    /** Deletes the files that have expired, and gives their number. */
    int reap() {
        int count = 0;
        for (NavigableSet<StoredFile> files : byOwner.values()) {
            // The oldest are at the end, so a pass reads no file that stays but one of each owner.
            for (StoredFile file : files.descendingSet()) {
                if (alive(file)) {
                    break;
                }
                count += remove(file.id()) ? 1 : 0;
            }
        }
        return count;
    }

    /** Gives the directory free for another store. */
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

    private void load(StoreDirectory.Inventory inventory) {
        for (StoredFile file : inventory.files()) {
            quota.found(file.owner(), file.name(), file.size());
            add(file);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "File store {0}: {1} files, {2} bytes; skipped {3} entries that are damaged or not ours",
                config.directory(),
                byId.size(),
                Long.toString(quota.bytes()),
                inventory.skipped());
    }

    private boolean remove(FileId id) {
        Holding holding = byId.remove(id);
        if (holding == null) {
            return false;
        }
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
        byId.put(file.id(), new Holding(file, () -> quota.release(file.owner(), file.name(), file.size())));
        byOwner.compute(file.owner(), (owner, present) -> {
            NavigableSet<StoredFile> files = present == null ? new ConcurrentSkipListSet<>(NEWEST_FIRST) : present;
            files.add(file);
            return files;
        });
    }

    private Optional<Holding> holding(Owner owner, FileId id) {
        return Optional.ofNullable(byId.get(id))
                .filter(holding -> holding.file().owner().equals(owner) && alive(holding.file()));
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

    private List<StoredFile> page(Collection<StoredFile> files, int limit) {
        return files.stream().filter(this::alive).limit(limit).toList();
    }

    private boolean alive(StoredFile file) {
        Instant expiry = file.uploadTime().plus(config.timeToLive());
        return clock.instant().isBefore(expiry);
    }
}
