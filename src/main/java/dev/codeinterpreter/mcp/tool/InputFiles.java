package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.session.SessionTransfers;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Files that a call brings: the text of one, its bytes in base64, or a stored one. */
@SingleInstance
class InputFiles {
    private static final System.Logger LOG = System.getLogger(InputFiles.class.getName());

    private final StoredFiles files;
    private final FileStore store;
    private final SessionTransfers transfers;
    private final SpoolDirectory spool;

    @Inject
    InputFiles(StoredFiles files, SessionTransfers transfers, SpoolDirectory spool) {
        this.files = files;
        this.store = files.store();
        this.transfers = transfers;
        this.spool = spool;
    }

    /** The files of a run in a sandbox of its own, as stored ones; those made for it are deleted with this. */
    final class Staged implements AutoCloseable {
        private final List<RunRequest.FileReference> references = new ArrayList<>();
        private final List<StoredFile> made = new ArrayList<>();

        List<RunRequest.FileReference> references() {
            return List.copyOf(references);
        }

        @Override
        public void close() {
            for (StoredFile file : made) {
                try {
                    boolean _ = store.delete(file.owner(), file.id());
                } catch (ServiceException e) {
                    // It expires; the program has run.
                    LOG.log(System.Logger.Level.WARNING, "a file of a run is not deleted: {0}", e.getMessage());
                }
            }
        }
    }

    /** @throws ToolFailure when a file has no source, or two, or its stored file does not exist */
    Staged stage(List<Arguments> inputs) {
        Staged staged = new Staged();
        try {
            for (Arguments input : checked(inputs)) {
                String path = input.requiredString("path");
                if (input.has("file_id")) {
                    staged.references.add(new RunRequest.FileReference(
                            path,
                            files.find(input.requiredString("file_id")).id().toString()));
                } else {
                    StoredFile made = store(WorkspacePath.parse(path).value(), input);
                    staged.made.add(made);
                    staged.references.add(
                            new RunRequest.FileReference(path, made.id().toString()));
                }
            }
            return staged;
        } catch (RuntimeException e) {
            staged.close();
            throw e;
        }
    }

    /** Puts all of them into a session, one after the other. */
    void write(String session, List<Arguments> inputs) {
        for (Arguments input : checked(inputs)) {
            long _ = write(session, WorkspacePath.parse(input.requiredString("path")), input);
        }
    }

    /**
     * Puts one into a session, from {@code content}, {@code content_base64} or {@code file_id}.
     *
     * @return its bytes
     */
    long write(String session, WorkspacePath path, Arguments input) {
        if (input.has("file_id")) {
            try (StoredContent stored = files.open(input.requiredString("file_id"))) {
                transfers.write(session, path, stored.size(), stored.stream());
                return stored.size();
            } catch (IOException e) {
                throw Spool.unreadable(e);
            }
        }
        try (SpillBuffer bytes = spool.overflow();
                InputStream content = open(input, bytes)) {
            long size =
                    input.has("content") ? input.text("content").orElseThrow().utf8Length() : bytes.length();
            if (size > transfers.maxFileBytes()) {
                throw NewFile.tooLarge(transfers.maxFileBytes());
            }
            transfers.write(session, path, size, content);
            return size;
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }

    /** Stores {@code content} or {@code content_base64}. */
    StoredFile store(String name, Arguments input) {
        try (SpillBuffer bytes = spool.overflow();
                InputStream content = open(input, bytes);
                NewFile file = store.create(OwnerLimit.ofCaller(), name)) {
            long _ = content.transferTo(file);
            StoredFile stored = file.commit();
            RequestNotes.current().file(stored.id().toString());
            return stored;
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }

    /** Base64 is decoded before anything is done with it: what is none must not leave half a file. */
    private static InputStream open(Arguments input, SpillBuffer decoded) throws IOException {
        if (input.has("content")) {
            return input.text("content").orElseThrow().open();
        }
        Text encoded = input.text("content_base64").orElseThrow();
        try (InputStream bytes = Base64.getDecoder().wrap(encoded.open())) {
            decoded.receive(bytes);
        } catch (IOException e) {
            throw new ToolFailure("content_base64 is not base64.", e);
        }
        return decoded.open();
    }

    private static List<Arguments> checked(List<Arguments> inputs) {
        for (Arguments input : inputs) {
            if (input.count("file_id", "content") != 1) {
                throw new ToolFailure("File '%s' needs exactly one of file_id and content."
                        .formatted(Printable.cut(input.requiredString("path"))));
            }
        }
        return inputs;
    }
}
