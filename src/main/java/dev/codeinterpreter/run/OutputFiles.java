package dev.codeinterpreter.run;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.tenant.RequestNotes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Puts the files of one run into the store while they arrive. Unless {@link #keep} was called, closing takes them out
 * again: a client that gets no answer could never name them.
 */
final class OutputFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OutputFiles.class.getName());

    private final FileStore store;
    private final OwnerLimit limit;
    private final Owner owner;
    private final StoreWaits waits;
    private final List<RunResult.OutputFile> files = new ArrayList<>();
    private final List<RunResult.SkippedFile> skipped = new ArrayList<>();
    private @Nullable NewFile current;
    private String path = "";
    private long left;
    private boolean kept;
    /** The store did not answer for one file: each of a thousand would wait as long as that one did. */
    private boolean unavailable;

    OutputFiles(FileStore store, OwnerLimit limit, StoreWaits waits) {
        this.store = store;
        this.limit = limit;
        this.owner = limit.owner();
        this.waits = waits;
    }

    void start(Frame.FileStart file) {
        path = file.path();
        left = file.size();
        if (unavailable || waits.areOver()) {
            skipped.add(new RunResult.SkippedFile(path, Rejection.STORAGE_UNAVAILABLE.label()));
            return;
        }
        try {
            current = waits.call(() -> store.create(limit, path));
            finishWhenComplete();
        } catch (ServiceException e) {
            skip(e);
        }
    }

    void append(Frame.Data data) {
        left -= data.bytes().length;
        if (current != null) {
            try {
                current.write(data.bytes(), 0, data.bytes().length);
                sendPart(current);
                finishWhenComplete();
            } catch (ServiceException e) {
                skip(e);
            }
        }
    }

    void skip(Frame.Skipped entry) {
        skipped.add(new RunResult.SkippedFile(entry.path(), entry.reason()));
    }

    List<RunResult.OutputFile> files() {
        return files;
    }

    List<RunResult.SkippedFile> skipped() {
        return skipped;
    }

    /** Takes the files out again that came after the first {@code count}, and the one that is not complete. */
    void discardFrom(int count) {
        closeCurrent();
        List<RunResult.OutputFile> rest = files.subList(count, files.size());
        rest.forEach(this::delete);
        rest.clear();
    }

    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        closeCurrent();
        if (!kept) {
            files.forEach(this::delete);
        }
    }

    /** So that a large file does not pass the disk of this host on its way to a bucket. */
    private void sendPart(NewFile file) {
        if (left == 0 || !file.hasPart()) {
            return;
        }
        if (waits.areOver()) {
            throw StorageUnavailable.because(new TimeoutException("files of a run wait for the store too long"));
        }
        waits.run(file::sendPart);
    }

    private void finishWhenComplete() {
        if (left == 0 && current != null) {
            StoredFile stored = waits.call(current::commit);
            RequestNotes.current().file(stored.id().toString());
            files.add(new RunResult.OutputFile(path, stored.id(), stored.size()));
            closeCurrent();
        }
    }

    /**
     * A store that is full or does not answer costs the client this file, not the result of a program that has run and cannot
     * be run again.
     */
    private void skip(ServiceException e) {
        String reason = reason(e);
        closeCurrent();
        skipped.add(new RunResult.SkippedFile(path, reason));
    }

    private String reason(ServiceException e) {
        if (StorageUnavailable.is(e)) {
            unavailable = true;
            return e.reason();
        }
        return switch (e.code()) {
            case STORAGE_FULL, TOO_LARGE -> e.code().label();
            default -> throw e;
        };
    }

    /** A file that stays is removed when it expires. */
    private void delete(RunResult.OutputFile file) {
        try {
            boolean _ = !unavailable && waits.call(() -> store.delete(owner, file.id()));
        } catch (ServiceException e) {
            unavailable |= StorageUnavailable.is(e);
            LOG.log(System.Logger.Level.WARNING, "output file " + file.id() + " stays until it expires", e);
        }
    }

    private void closeCurrent() {
        NewFile open = current;
        current = null;
        if (open != null) {
            waits.run(open::close);
        }
    }
}
