package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.session.SessionCalls;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;

/** delete_file: a stored one, or one in a session. */
@SingleInstance
class DeleteFile implements Tool {
    private final StoredFiles files;
    private final Sessions sessions;
    private final SessionCalls calls;

    @Inject
    DeleteFile(StoredFiles files, Sessions sessions, SessionCalls calls) {
        this.files = files;
        this.sessions = sessions;
        this.calls = calls;
    }

    @Override
    public String name() {
        return "delete_file";
    }

    @Override
    public Scope scope() {
        return Scope.FILES;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        ReadFile.requireOnePlace(name(), arguments);
        boolean deleted = arguments.has("file_id")
                ? FileId.parse(arguments.requiredString("file_id"))
                        .map(this::delete)
                        .orElse(false)
                : delete(
                        arguments.requiredString("session_id"),
                        WorkspacePath.parse(arguments.requiredString("path")),
                        call);
        return ToolResult.structured(
                Json.createObjectBuilder().add("deleted", deleted).build());
    }

    private boolean delete(FileId id) {
        RequestNotes.current().file(id.toString());
        return files.store().delete(OwnerLimit.ofCaller().owner(), id);
    }

    private boolean delete(String session, WorkspacePath path, Call call) {
        return sessions.use(session, call, () -> {
            try {
                calls.delete(session, path);
                return true;
            } catch (ServiceException e) {
                if (Sessions.isAboutFile(e)) {
                    return false;
                }
                throw e;
            }
        });
    }
}
