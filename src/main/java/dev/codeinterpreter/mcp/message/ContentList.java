package dev.codeinterpreter.mcp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Messages as the JSON array that answers a batch; closes them all. */
public record ContentList(List<Content> messages) implements Content {
    public ContentList {
        messages = List.copyOf(messages);
    }

    @Override
    public long length() {
        // Brackets, and commas in between.
        return messages.stream().mapToLong(Content::length).sum() + messages.size() + 1;
    }

    @Override
    public InputStream open() throws IOException {
        List<InputStream> parts = new ArrayList<>();
        String separator = "[";
        for (Content message : messages) {
            parts.add(new ByteArrayInputStream(separator.getBytes(UTF_8)));
            parts.add(message.open());
            separator = ",";
        }
        parts.add(new ByteArrayInputStream("]".getBytes(UTF_8)));
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    @Override
    public void close() {
        messages.forEach(Content::close);
    }
}
