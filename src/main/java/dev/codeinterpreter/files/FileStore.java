package dev.codeinterpreter.files;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStoreListener.Operation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Keeps each owner's files until they are deleted or expire, where FILE_STORAGE says. Content is streamed both ways. An
 * expired file is gone at once for everybody, and from the place below when {@link FileReaper} comes by. All methods may be
 * called from any thread, and fail as those of {@link FileBackend} do.
 */
@ApplicationScoped // and so opened at its first call: with a bad setting nothing is to be written or taken
public class FileStore implements AutoCloseable {
    private final FilesConfig config;
    private final Clock clock;
    private final FileBackend backend;
    private final Observer observer;
    /** Files that {@link #create} has begun and that are not closed. */
    private final SumByOwner arriving = new SumByOwner();

    /** @throws InvalidSettingsException when the place that FILE_STORAGE names cannot be used */
    @Inject
    public FileStore(
            FilesConfig config, Clock clock, @Any Instance<FileBackendFactory> factories, FileStoreListener listener) {
        this(
                config,
                clock,
                factories
                        .select(NamedLiteral.of(config.storage().label()))
                        .get()
                        .open(),
                listener);
    }

    /** A store over {@code backend}, which it closes. */
    public FileStore(FilesConfig config, Clock clock, FileBackend backend, FileStoreListener listener) {
        this.config = config;
        this.clock = clock;
        this.backend = backend;
        this.observer = new Observer(config.storage(), listener);
    }

    /** Whether to ask for a file may take a round trip to another host. */
    public boolean isRemote() {
        return config.storage() != FileStorage.LOCAL;
    }

    /** The file, unless it never was, belongs to another, was deleted or has expired. */
    public Optional<StoredFile> find(Owner owner, FileId id) {
        return observer.observe(Operation.FIND, 0, () -> backend.find(owner, id))
                .filter(this::alive);
    }

    /**
     * Opens a file for reading; the caller closes it. Empty when {@link #find} is. Its bytes count until it is deleted and
     * the last reader has closed it.
     *
     * @throws ServiceException also STORAGE_FULL when too many files are open
     */
    public Optional<StoredContent> open(Owner owner, FileId id) {
        Optional<StoredContent> content = observer.observe(Operation.OPEN, 0, () -> backend.open(owner, id));
        if (content.isPresent() && !alive(content.get().file())) {
            content.get().discard();
            return Optional.empty();
        }
        return content;
    }

    /**
     * Begins a file called {@code name} of {@code owner}, which nobody sees before {@link NewFile#commit}.
     *
     * @throws ServiceException STORAGE_FULL when the store has no place for it
     */
    public NewFile create(Owner owner, String name) {
        return create(new OwnerLimit(owner, OptionalLong.empty()), name);
    }

    /** The same, with the limit of its owner. */
    public NewFile create(OwnerLimit limit, String name) {
        Owner owner = limit.owner();
        arriving.add(owner, 1);
        boolean begun = false;
        try {
            limit.checkFiles(fileCount(owner), config.maxStorageBytes());
            FileBackend.Upload upload = observer.observe(Operation.CREATE, 0, () -> backend.create(owner, name));
            begun = true;
            return new NewFile(
                    new ObservedUpload(upload, observer),
                    config.maxFileBytes(),
                    bytes -> limit.checkBytes(storedBytes(owner) + bytes),
                    () -> arriving.add(owner, -1));
        } finally {
            if (!begun) {
                arriving.add(owner, -1);
            }
        }
    }

    /** Deletes a file; false when there was none. Who has it open can read it to its end. */
    public boolean delete(Owner owner, FileId id) {
        return find(owner, id).isPresent() && observer.observe(Operation.DELETE, 0, () -> backend.delete(owner, id));
    }

    /** At most {@code limit} files of {@code owner}, the newest first. */
    public List<StoredFile> list(Owner owner, int limit) {
        return page(list(owner, Optional.empty()), limit);
    }

    /** At most {@code limit} files of {@code owner} older than {@code after}, which need not be there any more. */
    public List<StoredFile> list(Owner owner, int limit, StoredFile after) {
        return page(list(owner, Optional.of(after)), limit);
    }

    /** The files of {@code owner}, or those older than {@code after}; read while they are iterated, and so it may throw. */
    public Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after) {
        return new LiveFiles(observer.observe(Operation.LIST, 0, () -> backend.list(owner, after)), this::alive);
    }

    /** Files in place, of all owners. */
    public long fileCount() {
        return backend.usage().files();
    }

    /** Files of {@code owner}, those that are arriving here included. */
    public long fileCount(Owner owner) {
        return backend.usage(owner).files() + arriving.of(owner);
    }

    /**
     * Bytes of all files of all owners, those that are still arriving included, and those that are deleted but still read:
     * what FILE_STORAGE_MAX_MB bounds.
     */
    public long storedBytes() {
        return backend.usage().bytes();
    }

    /** The share of {@code owner} in {@link #storedBytes()}. */
    public long storedBytes(Owner owner) {
        return backend.usage(owner).bytes();
    }

    /** Deletes the files that have expired, and gives their number. */
    public int reap() {
        return observer.observe(
                Operation.REAP, 0, () -> backend.reap(clock.instant().minus(config.timeToLive())));
    }

    /** Gives the place free for another store. */
    @Override
    public void close() {
        backend.close();
    }

    private static List<StoredFile> page(Iterator<StoredFile> files, int limit) {
        List<StoredFile> page = new ArrayList<>();
        while (page.size() < limit && files.hasNext()) {
            page.add(files.next());
        }
        return page;
    }

    private boolean alive(StoredFile file) {
        return clock.instant().isBefore(file.uploadTime().plus(config.timeToLive()));
    }
}
