package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.run.WorkspacePath;
import jakarta.inject.Inject;

/** write_file: one file into a session. */
@SingleInstance
class WriteFile implements Tool {
    private final Sessions sessions;
    private final InputFiles inputs;

    @Inject
    WriteFile(Sessions sessions, InputFiles inputs) {
        this.sessions = sessions;
        this.inputs = inputs;
    }

    @Override
    public String name() {
        return "write_file";
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        if (arguments.count("content", "content_base64", "file_id") != 1) {
            throw new ToolFailure("write_file needs exactly one of content, content_base64 and file_id.");
        }
        String session = arguments.requiredString("session_id");
        WorkspacePath path = WorkspacePath.parse(arguments.requiredString("path"));
        long size = sessions.use(session, call, () -> inputs.write(session, path, arguments));
        return ToolResult.structured(Json.createObjectBuilder()
                .add("path", path.value())
                .add("uri", ResourceUri.of(session, path.value()))
                .add("size_bytes", size)
                .build());
    }
}
