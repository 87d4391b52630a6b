package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.tenant.Scope;
import dev.codeinterpreter.usage.Usage;
import jakarta.inject.Inject;

/** upload_file: into the store. */
@SingleInstance
class UploadFile implements Tool {
    /** As an upload's file name may have. */
    private static final int MAX_NAME_LENGTH = 1024;

    private final InputFiles inputs;
    private final Usage usage;

    @Inject
    UploadFile(InputFiles inputs, Usage usage) {
        this.inputs = inputs;
        this.usage = usage;
    }

    @Override
    public String name() {
        return "upload_file";
    }

    @Override
    public Scope scope() {
        return Scope.FILES;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        if (arguments.count("content", "content_base64") != 1) {
            throw new ToolFailure("upload_file needs exactly one of content and content_base64.");
        }
        String name = arguments.requiredString("filename");
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new ToolFailure("filename must have 1 to %d characters.".formatted(MAX_NAME_LENGTH));
        }
        StoredFile file = inputs.store(name, arguments);
        usage.file();
        return ToolResult.structured(Json.createObjectBuilder()
                .add("file_id", file.id().toString())
                .add("filename", file.name())
                .add("uri", ResourceUri.of(file.id()))
                .add("mime_type", FileTypes.byName(file.name()))
                .add("size_bytes", file.size())
                .build());
    }
}
