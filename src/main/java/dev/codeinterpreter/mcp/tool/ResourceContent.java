package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.answer.JsonStrings;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Base64Text;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;

/** The one content of a resource: its text, or its bytes in base64. {@code bytes} are closed with it. */
record ResourceContent(String uri, String mimeType, boolean text, Content bytes, Protocol protocol)
        implements Task.Result {
    @Override
    public void writeTo(Writer target, boolean lean) throws IOException {
        target.write("\"contents\":[{\"uri\":" + Json.createValue(uri) + ",\"mimeType\":\"" + mimeType + "\",");
        try (InputStream in = bytes.open()) {
            if (text) {
                target.write("\"text\":");
                JsonStrings.write(in, bytes.length(), "", target);
            } else {
                target.write("\"blob\":\"");
                Base64Text.write(in, target);
                target.write('"');
            }
        }
        target.write("}]");
        if (protocol.isModern()) {
            // A stored file stays what it is, until it expires; a session's may be another one at any time.
            long milliseconds = uri.startsWith(ResourceUri.FILES) ? 60_000 : 0;
            target.write(",\"ttlMs\":%d,\"cacheScope\":\"private\"".formatted(milliseconds));
        }
    }

    @Override
    public void close() {
        bytes.close();
    }
}
