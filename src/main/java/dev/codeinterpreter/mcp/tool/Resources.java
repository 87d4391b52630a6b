package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Limits;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.message.Task;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.session.SessionFile;
import dev.codeinterpreter.session.SessionTransfers;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Files as resources: the stored ones are listed, and those of sessions known by their template. */
@SingleInstance
public class Resources {
    /** What {@code resources/templates/list} gives. */
    public static final String TEMPLATES = Json.createArrayBuilder()
            .add(Json.createObjectBuilder()
                    .add("uriTemplate", ResourceUri.FILES + "{file_id}")
                    .add("name", "stored-file")
                    .add("title", "Stored file")
                    .add("description", "A file that was uploaded or that a run left."))
            .add(Json.createObjectBuilder()
                    .add("uriTemplate", ResourceUri.SESSIONS + "{session_id}/files/{+path}")
                    .add("name", "session-file")
                    .add("title", "Session file")
                    .add("description", "A file in the workspace of a session."))
            .build()
            .toString();

    private static final int PAGE = 100;

    private final FileStore store;
    private final SessionTransfers transfers;
    private final SpoolDirectory spool;
    private final Limits limits = Limits.DEFAULT;

    @Inject
    Resources(StoredFiles files, SessionTransfers transfers, SpoolDirectory spool) {
        this.store = files.store();
        this.transfers = transfers;
        this.spool = spool;
    }

    /**
     * The stored files, newest first.
     *
     * @param hasCursor whether one was sent
     * @param cursor what was sent; empty when it was no string
     */
    public Task list(boolean hasCursor, Optional<String> cursor) {
        return call -> {
            requireScope(Scope.FILES);
            Optional<StoredFile> last = hasCursor
                    ? Optional.of(cursor.flatMap(this::find)
                            .orElseThrow(() -> RpcException.invalidParams("Unknown cursor: begin again without one")))
                    : Optional.empty();
            Owner owner = OwnerLimit.ofCaller().owner();
            List<StoredFile> files =
                    last.map(file -> store.list(owner, PAGE + 1, file)).orElseGet(() -> store.list(owner, PAGE + 1));
            return (target, lean) -> {
                target.write("\"resources\":[");
                String separator = "";
                for (StoredFile file : files.subList(0, Math.min(PAGE, files.size()))) {
                    target.write(separator + describe(file));
                    separator = ",";
                }
                target.write(']');
                if (files.size() > PAGE) {
                    target.write(",\"nextCursor\":\"" + cursorOf(files.get(PAGE - 1)) + "\"");
                }
                if (call.protocol().isModern()) {
                    target.write(",\"ttlMs\":0,\"cacheScope\":\"private\"");
                }
            };
        };
    }

    public Task read(String uri) {
        return call -> {
            ResourceUri parsed = ResourceUri.parse(uri)
                    .orElseThrow(() -> RpcException.noResource(call.protocol(), uri, "Resource not found"));
            requireScope(parsed instanceof ResourceUri.Stored ? Scope.FILES : Scope.SESSIONS);
            SpillBuffer bytes = spool.overflow();
            try {
                Utf8Check check = new Utf8Check(bytes.sink());
                String name = copy(uri, parsed, check, call);
                boolean text = FileTypes.isText(FileTypes.byName(name)) && check.isText();
                return new ResourceContent(uri, typeOf(name, check), text, Content.of(bytes), call.protocol());
            } catch (RuntimeException e) {
                bytes.close();
                throw e;
            }
        };
    }

    private static void requireScope(Scope needed) {
        if (!Caller.current().has(needed)) {
            RequestNotes.current().outcome(ErrorCode.FORBIDDEN.label());
            throw new RpcException(RpcException.INVALID_REQUEST, needed.missing());
        }
    }

    /** Gives the name of the file. */
    private String copy(String uri, ResourceUri parsed, OutputStream target, Call call) {
        try {
            return switch (parsed) {
                case ResourceUri.Stored(FileId id) -> copyStored(uri, id, target, call);
                case ResourceUri.InSession(String session, String path) -> copyFromSession(session, path, target);
            };
        } catch (ServiceException e) {
            throw explain(uri, call.protocol(), e);
        } catch (IOException e) {
            throw ToolCalls.internal(new ServiceException(ErrorCode.INTERNAL, "a resource cannot be read", e));
        }
    }

    private String copyStored(String uri, FileId id, OutputStream target, Call call) throws IOException {
        StoredContent content = store.open(OwnerLimit.ofCaller().owner(), id)
                .orElseThrow(() -> RpcException.noResource(call.protocol(), uri, "Resource not found"));
        RequestNotes.current().file(id.toString());
        try (content) {
            checkSize(content.size(), "GET /v1/files/" + id);
            content.writeTo(target);
        }
        return content.file().name();
    }

    private String copyFromSession(String session, String path, OutputStream target) throws IOException {
        WorkspacePath place = WorkspacePath.parse(path);
        SessionFile file = transfers.open(session, place);
        try {
            checkSize(file.size(), "GET /v1/sessions/%s/files/%s".formatted(session, place.value()));
        } catch (RpcException e) {
            file.close();
            throw e;
        }
        file.writeTo(target);
        return place.value();
    }

    private void checkSize(long size, String instead) {
        if (size > limits.resourceBytes()) {
            throw RpcException.invalidParams("The resource has %d bytes, and at most %d are given here: use %s"
                    .formatted(size, limits.resourceBytes(), instead));
        }
    }

    private static RpcException explain(String uri, Protocol protocol, ServiceException failure) {
        return switch (failure.code()) {
            case NOT_FOUND -> RpcException.noResource(protocol, uri, "Resource not found");
            case INTERNAL -> ToolCalls.internal(failure);
            case CONCURRENCY_LIMIT, RATE_LIMITED, CAPACITY_UNAVAILABLE ->
                new RpcException(RpcException.INTERNAL_ERROR, "The service is busy, try again in 2 seconds");
            default -> RpcException.invalidParams(String.valueOf(failure.getMessage()));
        };
    }

    private static String typeOf(String name, Utf8Check check) {
        String type = FileTypes.byName(name);
        return type.equals(FileTypes.UNKNOWN) && check.isText() ? "text/plain" : type;
    }

    private Optional<StoredFile> find(String cursor) {
        try {
            return FileId.parse(new String(Base64.getUrlDecoder().decode(cursor), UTF_8))
                    .flatMap(id -> store.find(OwnerLimit.ofCaller().owner(), id));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String cursorOf(StoredFile file) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(file.id().toString().getBytes(UTF_8));
    }

    private static JsonObject describe(StoredFile file) {
        return Json.createObjectBuilder()
                .add("uri", ResourceUri.of(file.id()))
                .add("name", file.name())
                .add("mimeType", FileTypes.byName(file.name()))
                .add("size", file.size())
                .add(
                        "annotations",
                        Json.createObjectBuilder()
                                .add("lastModified", file.uploadTime().toString()))
                .build();
    }
}
