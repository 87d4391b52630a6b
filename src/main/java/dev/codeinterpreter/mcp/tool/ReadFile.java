package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Limits;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.session.SessionFile;
import dev.codeinterpreter.session.SessionTransfers;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** read_file: lines of a text, a picture, or that it is neither. */
@SingleInstance
class ReadFile implements Tool {
    private static final int DEFAULT_LINES = 1000;

    private final Sessions sessions;
    private final SessionTransfers transfers;
    private final StoredFiles files;
    private final SpoolDirectory spool;
    private final Limits limits = Limits.DEFAULT;

    @Inject
    ReadFile(Sessions sessions, SessionTransfers transfers, StoredFiles files, SpoolDirectory spool) {
        this.sessions = sessions;
        this.transfers = transfers;
        this.files = files;
        this.spool = spool;
    }

    @Override
    public String name() {
        return "read_file";
    }

    @Override
    public Scope scope() {
        return Scope.FILES;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        requireOnePlace(name(), arguments);
        if (arguments.has("file_id")) {
            try (StoredContent content = files.open(arguments.requiredString("file_id"))) {
                JsonObjectBuilder json = Json.createObjectBuilder()
                        .add("path", content.file().name())
                        .add("file_id", content.file().id().toString());
                Source source = content::writeTo;
                String uri = ResourceUri.of(content.file().id());
                return view(json, content.file().name(), uri, content.size(), source, arguments, call);
            } catch (IOException e) {
                throw Spool.unreadable(e);
            }
        }
        String session = arguments.requiredString("session_id");
        String path = WorkspacePath.parse(arguments.requiredString("path")).value();
        return sessions.use(session, call, () -> {
            SessionFile file = transfers.open(session, new WorkspacePath(path));
            JsonObjectBuilder json = Json.createObjectBuilder().add("path", path);
            return view(json, path, ResourceUri.of(session, path), file.size(), file::writeTo, arguments, call);
        });
    }

    /** Refuses arguments that do not name one file. */
    static void requireOnePlace(String tool, Arguments arguments) {
        boolean stored = arguments.has("file_id");
        int parts = arguments.count("session_id", "path");
        if (stored ? parts > 0 : parts != 2) {
            throw new ToolFailure("%s needs either file_id, or session_id and path.".formatted(tool));
        }
    }

    /** Where the bytes of a file come from, once. */
    private interface Source {
        void writeTo(OutputStream target) throws IOException;
    }

    private ToolResult view(
            JsonObjectBuilder json, String name, String uri, long size, Source source, Arguments arguments, Call call) {
        int offset = arguments.integer("offset", 1);
        LineWindow window = new LineWindow(offset, arguments.integer("limit", DEFAULT_LINES), limits.outputChars());
        SpillBuffer picture = spool.overflow();
        try {
            FileView view = new FileView(picture, size <= limits.imageBytes(), window);
            copy(source, view);
            String type = view.pictureType().orElseGet(() -> FileTypes.byName(name));
            json.add("uri", uri).add("mime_type", type).add("size_bytes", size);
            if (view.isText()) {
                picture.close();
                describe(window, offset, json);
                return ToolResult.shown(json.build(), List.of(), List.of(), call.protocol());
            }
            ToolResult.Link link = new ToolResult.Link(uri, name, type, size);
            if (view.pictureType().isPresent() && size <= limits.imageBytes()) {
                json.add("shown", true);
                return ToolResult.shown(
                        json.build(), List.of(Picture.of(Content.of(picture), type)), List.of(link), call.protocol());
            }
            picture.close();
            json.add(
                    "hint",
                    view.pictureType().isPresent()
                            ? "The picture has more than %d bytes: make a smaller one with run_python."
                                    .formatted(limits.imageBytes())
                            : "This is no text: open it with run_python.");
            return ToolResult.shown(json.build(), List.of(), List.of(link), call.protocol());
        } catch (RuntimeException e) {
            picture.close();
            throw e;
        }
    }

    private static void copy(Source source, FileView view) {
        try {
            source.writeTo(view);
        } catch (FileView.Enough e) {
            // The rest is of no use.
            view.end();
            return;
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.CONFLICT, "The file could not be read to its end, try again.", e);
        }
        view.end();
    }

    private static void describe(LineWindow window, int offset, JsonObjectBuilder json) {
        json.add("offset", offset).add("text", window.text());
        if (window.hasMore()) {
            json.add("next_offset", window.next());
            json.add(
                    "hint",
                    window.isLineCut()
                            ? "Line %d is cut: read it with run_python.".formatted(offset)
                            : "There is more: go on with offset %d.".formatted(window.next()));
        }
    }
}
