package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;

/** The file store as a model knows it. */
@SingleInstance
class StoredFiles {
    private final FileStore store;
    private final FilesConfig config;

    @Inject
    StoredFiles(FileStore store, FilesConfig config) {
        this.store = store;
        this.config = config;
    }

    FileStore store() {
        return store;
    }

    /** @throws ToolFailure when there is none */
    StoredFile find(String id) {
        return FileId.parse(id)
                .flatMap(file -> store.find(OwnerLimit.ofCaller().owner(), file))
                .orElseThrow(() -> notFound(id));
    }

    /**
     * The caller closes it.
     *
     * @throws ToolFailure when there is none
     */
    StoredContent open(String id) {
        StoredContent content = FileId.parse(id)
                .flatMap(file -> store.open(OwnerLimit.ofCaller().owner(), file))
                .orElseThrow(() -> notFound(id));
        RequestNotes.current().file(content.file().id().toString());
        return content;
    }

    private ToolFailure notFound(String id) {
        return new ToolFailure("File %s does not exist or has expired (files are kept %s)."
                .formatted(Printable.cut(id), ToolCatalog.words(config.timeToLive())));
    }
}
