package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.session.SessionCalls;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** list_files: of a session, or of the store. A thousand paths of 4 KB are 20 MB: the list is written as it is found. */
@SingleInstance
class ListFiles implements Tool {
    private static final int DEFAULT_LIMIT = 100;
    /** Files that are looked up at once. */
    private static final int BATCH = 16;

    private static final int MAX_AFTER_BYTES = 4096;

    private final SessionCalls calls;
    private final Sessions sessions;
    private final StoredFiles files;
    private final SpoolDirectory spool;

    @Inject
    ListFiles(SessionCalls calls, Sessions sessions, StoredFiles files, SpoolDirectory spool) {
        this.calls = calls;
        this.sessions = sessions;
        this.files = files;
        this.spool = spool;
    }

    @Override
    public String name() {
        return "list_files";
    }

    @Override
    public Scope scope() {
        return Scope.FILES;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        int limit = arguments.integer("limit", DEFAULT_LIMIT);
        Optional<String> after = arguments.string("after");
        Optional<String> session = arguments.string("session_id");
        SpillBuffer json = spool.overflow();
        try {
            Page page = new Page(json, limit);
            if (session.isPresent()) {
                listSession(session.get(), after.orElse(""), limit, page, call);
            } else {
                listStored(after, page);
            }
            page.end();
            return ToolResult.structured(Content.of(json));
        } catch (RuntimeException e) {
            json.close();
            throw e;
        }
    }

    private void listSession(String session, String after, int limit, Page page, Call call) {
        if (after.getBytes(UTF_8).length > MAX_AFTER_BYTES) {
            throw new ToolFailure("after is longer than %d bytes.".formatted(MAX_AFTER_BYTES));
        }
        boolean _ = sessions.use(session, call, () -> {
            // One more shows whether there are more.
            calls.list(
                    session,
                    limit + 1,
                    after,
                    (path, size) -> page.add(
                            path,
                            Json.createObjectBuilder()
                                    .add("path", path)
                                    .add("uri", ResourceUri.of(session, path))
                                    .add("mime_type", FileTypes.byName(path))
                                    .add("size_bytes", size)
                                    .build()));
            return true;
        });
    }

    private void listStored(Optional<String> after, Page page) {
        FileStore store = files.store();
        Optional<StoredFile> last = after.map(files::find);
        List<StoredFile> batch = next(store, last);
        while (!batch.isEmpty() && !page.isOver()) {
            for (StoredFile file : batch) {
                page.add(
                        file.id().toString(),
                        Json.createObjectBuilder()
                                .add("path", file.name())
                                .add("file_id", file.id().toString())
                                .add("uri", ResourceUri.of(file.id()))
                                .add("mime_type", FileTypes.byName(file.name()))
                                .add("size_bytes", file.size())
                                .build());
            }
            batch = next(store, Optional.of(batch.getLast()));
        }
    }

    private static List<StoredFile> next(FileStore store, Optional<StoredFile> last) {
        Owner owner = OwnerLimit.ofCaller().owner();
        return last.map(file -> store.list(owner, BATCH, file)).orElseGet(() -> store.list(owner, BATCH));
    }

    /** The answer as it is written. */
    private static final class Page {
        private final SpillBuffer json;
        private final int limit;
        private int count;
        private String lastKey = "";

        Page(SpillBuffer json, int limit) {
            this.json = json;
            this.limit = limit;
            json.write("{\"files\":[".getBytes(UTF_8));
        }

        /** @param key after which the next page begins, when this is the last of the page */
        void add(String key, JsonObject file) {
            if (++count <= limit) {
                json.write(((count == 1 ? "" : ",") + file).getBytes(UTF_8));
                lastKey = key;
            }
        }

        boolean isOver() {
            return count > limit;
        }

        void end() {
            json.write((isOver() ? "],\"next_after\":" + Json.createValue(lastKey) + "}" : "]}").getBytes(UTF_8));
        }
    }
}
