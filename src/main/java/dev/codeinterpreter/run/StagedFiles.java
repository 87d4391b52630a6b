package dev.codeinterpreter.run;

import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.runner.RunnerChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files that a request wants in its workspace, open until this is closed. */
public final class StagedFiles implements AutoCloseable {
    /** A stored file, open so that it outlives its expiry, with its checked place in the workspace. */
    private record StagedFile(WorkspacePath path, StoredContent content) {}

    private static final System.Logger LOG = System.getLogger(StagedFiles.class.getName());

    private final List<StagedFile> files = new ArrayList<>();

    private final RunListener listener;

    StagedFiles(RunListener listener) {
        this.listener = listener;
    }

    /** Takes over {@code content}. */
    void add(WorkspacePath path, StoredContent content) {
        files.add(new StagedFile(path, content));
    }

    /** Sends all of them. */
    public void stage(RunnerChannel channel) throws IOException {
        for (StagedFile staged : files) {
            channel.stage(staged.path().value(), staged.content().size(), staged.content().stream());
            listener.staged(staged.content().size());
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
}
