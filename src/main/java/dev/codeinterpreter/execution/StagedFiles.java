package dev.codeinterpreter.execution;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.runner.RunnerChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The files that a request wants in its workspace: first checked, then opened, staged, and at last closed. */
public final class StagedFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StagedFiles.class.getName());

    private final List<StagedFile> files = new ArrayList<>();

    private StagedFiles() {}

    /**
     * Checks everything about {@code references} that can be checked without reading a byte.
     *
     * @param rule refuses further paths, or not
     * @throws ServiceException INVALID_REQUEST, NOT_FOUND or TOO_LARGE, in the order that the contract gives
     */
    public static void check(
            List<ExecutionRequest.FileReference> references,
            FileStore store,
            ExecutionConfig config,
            UnaryOperator<WorkspacePath> rule) {
        if (references.size() > config.maxStagedFiles()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "%d files exceed the maximum of %d".formatted(references.size(), config.maxStagedFiles()));
        }
        List<StoredFile> stored = new ArrayList<>();
        for (ExecutionRequest.FileReference reference : references) {
            stored.add(FileId.parse(reference.fileId()).flatMap(store::find).orElseThrow(() -> notFound(reference)));
        }
        WorkspacePath.requireDistinct(
                references.stream().map(StagedFiles::pathOf).map(rule).toList());
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
    public static StagedFiles open(List<ExecutionRequest.FileReference> references, FileStore store) {
        StagedFiles opened = new StagedFiles();
        try {
            for (ExecutionRequest.FileReference reference : references) {
                StoredContent content =
                        FileId.parse(reference.fileId()).flatMap(store::open).orElseThrow(() -> notFound(reference));
                opened.files.add(new StagedFile(pathOf(reference), content));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Sends all of them. */
    public void stage(RunnerChannel channel) throws IOException {
        for (StagedFile staged : files) {
            channel.stage(staged.path().value(), staged.content().size(), staged.content().stream());
        }
    }

    @Override
    public void close() {
        for (StagedFile file : files) {
            try {
                file.content().close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a staged file", e);
            }
        }
    }

    private static WorkspacePath pathOf(ExecutionRequest.FileReference reference) {
        return WorkspacePath.parse(reference.path());
    }

    private static ServiceException notFound(ExecutionRequest.FileReference reference) {
        return new ServiceException(
                ErrorCode.NOT_FOUND,
                "File with ID '%s' not found for path '%s'.".formatted(reference.fileId(), reference.path()));
    }
}
