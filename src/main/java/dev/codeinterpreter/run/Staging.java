package dev.codeinterpreter.run;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** From the files that a request names to the files that a sandbox gets: first checked, then opened. */
@SingleInstance
public class Staging {
    private static final int MAX_SHOWN_CHARACTERS = 1024;

    private final RunConfig config;
    private final FileStore store;
    private final RunListener listener;

    @Inject
    Staging(RunConfig config, FileStore store, RunListener listener) {
        this.config = config;
        this.store = store;
        this.listener = listener;
    }

    /**
     * Checks everything about {@code references} that can be checked without reading a byte.
     *
     * @param rule refuses further paths, or not
     * @throws ServiceException INVALID_REQUEST, NOT_FOUND or TOO_LARGE, in the order that the contract gives
     */
    public void check(List<RunRequest.FileReference> references, UnaryOperator<WorkspacePath> rule) {
        if (references.size() > config.maxStagedFiles()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "%d files exceed the maximum of %d".formatted(references.size(), config.maxStagedFiles()));
        }
        Owner owner = OwnerLimit.ofCaller().owner();
        List<StoredFile> stored = all(
                references,
                reference -> FileId.parse(reference.fileId())
                        .flatMap(id -> store.find(owner, id))
                        .orElseThrow(() -> notFound(reference)),
                file -> {});
        WorkspacePath.requireDistinct(
                references.stream().map(Staging::pathOf).map(rule).toList());
        long total = stored.stream().mapToLong(StoredFile::size).sum();
        if (total > config.maxStagedBytes()) {
            throw new ServiceException(
                    ErrorCode.TOO_LARGE,
                    "Staged files exceed the maximum of %d MB".formatted(config.maxStagedBytes() >> 20));
        }
    }

    /**
     * Opens checked files, so that a program gets them even when they expire meanwhile.
     *
     * @throws ServiceException NOT_FOUND when one has expired since the check
     */
    public StagedFiles open(List<RunRequest.FileReference> references) {
        Owner owner = OwnerLimit.ofCaller().owner();
        List<StoredContent> contents = all(
                references,
                reference -> FileId.parse(reference.fileId())
                        .flatMap(id -> store.open(owner, id))
                        .orElseThrow(() -> notFound(reference)),
                StoredContent::discard);
        StagedFiles opened = new StagedFiles(listener);
        for (int i = 0; i < contents.size(); i++) {
            opened.add(pathOf(references.get(i)), contents.get(i));
            RequestNotes.current().file(contents.get(i).file().id().toString());
        }
        return opened;
    }

    private <T> List<T> all(
            List<RunRequest.FileReference> references, Function<RunRequest.FileReference, T> lookup, Consumer<T> undo) {
        if (store.isRemote() && references.size() > 1) {
            return Lookups.all(references, lookup, undo);
        }
        List<T> found = new ArrayList<>();
        try {
            references.forEach(reference -> found.add(lookup.apply(reference)));
            return found;
        } catch (RuntimeException e) {
            found.forEach(undo);
            throw e;
        }
    }

    private static WorkspacePath pathOf(RunRequest.FileReference reference) {
        return WorkspacePath.parse(reference.path());
    }

    private static ServiceException notFound(RunRequest.FileReference reference) {
        return new ServiceException(
                ErrorCode.NOT_FOUND,
                "File with ID '%s' not found for path '%s'."
                        .formatted(shown(reference.fileId()), shown(reference.path())));
    }

    /** Both are as long as their sender likes, and an answer is in the heap until it has been read. */
    private static String shown(String text) {
        return text.length() <= MAX_SHOWN_CHARACTERS ? text : text.substring(0, MAX_SHOWN_CHARACTERS) + "...";
    }
}
