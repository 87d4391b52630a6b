package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.answer.JsonStrings;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Base64Text;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.Task;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tool answers: a text, the pictures, the links. The text is JSON, and stands as {@code structuredContent} too where
 * the tool has an outputSchema; never where there may be pictures, which several hosts then hide from the model.
 */
final class ToolResult implements Task.Result {
    private final Content text;
    private final boolean structured;
    private final boolean error;
    private final List<Picture> pictures;
    private final List<Link> links;
    private final Protocol protocol;

    /**
     * Something that the client shows or fetches.
     *
     * @param size in bytes
     */
    record Link(String uri, String name, String mimeType, long size) {}

    private ToolResult(
            Content text,
            boolean structured,
            boolean error,
            List<Picture> pictures,
            List<Link> links,
            Protocol protocol) {
        this.text = text;
        this.structured = structured;
        this.error = error;
        this.pictures = List.copyOf(pictures);
        this.links = List.copyOf(links);
        this.protocol = protocol;
    }

    /** Of a tool that has an outputSchema, which {@code json} fits; closed with the result. */
    static ToolResult structured(Content json) {
        return new ToolResult(json, true, false, List.of(), List.of(), Protocol.V2025_03_26);
    }

    /** The same, when it is short. */
    static ToolResult structured(JsonObject json) {
        return structured(Content.of(json.toString()));
    }

    /** Of a tool that may show pictures; {@code json} and those are closed with the result. */
    static ToolResult shown(JsonObject json, List<Picture> pictures, List<Link> links, Protocol protocol) {
        return new ToolResult(Content.of(json.toString()), false, false, pictures, links, protocol);
    }

    /** Of which the model learns what to do next. */
    static ToolResult failure(String message) {
        return new ToolResult(Content.of(message), false, true, List.of(), List.of(), Protocol.V2025_03_26);
    }

    @Override
    public void writeTo(Writer target, boolean lean) throws IOException {
        target.write("\"content\":[{\"type\":\"text\",\"text\":");
        try (InputStream in = text.open()) {
            JsonStrings.write(in, text.length(), "", target);
        }
        target.write('}');
        if (!lean) {
            for (Picture picture : pictures) {
                writePicture(picture, target);
            }
        }
        if (protocol.hasLinks()) {
            for (Link link : links) {
                target.write("," + json(link));
            }
        }
        target.write(']');
        if (structured) {
            target.write(",\"structuredContent\":");
            try (InputStream in = text.open()) {
                new InputStreamReader(in, UTF_8).transferTo(target);
            }
        }
        target.write(",\"isError\":" + error);
    }

    private static void writePicture(Picture picture, Writer target) throws IOException {
        try (@Nullable InputStream bytes = picture.open()) {
            if (bytes != null) {
                target.write(",{\"type\":\"image\",\"data\":\"");
                Base64Text.write(bytes, target);
                target.write("\",\"mimeType\":\"" + picture.mimeType() + "\"}");
            }
        }
    }

    private static JsonObject json(Link link) {
        return Json.createObjectBuilder()
                .add("type", "resource_link")
                .add("uri", link.uri())
                .add("name", link.name())
                .add("mimeType", link.mimeType())
                .add("size", link.size())
                .add(
                        "annotations",
                        Json.createObjectBuilder()
                                .add("audience", Json.createArrayBuilder().add("user"))
                                .add("priority", 0.8))
                .build();
    }

    @Override
    public void close() {
        text.close();
        pictures.forEach(Picture::close);
    }
}
