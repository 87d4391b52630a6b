package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.runner.MimeTypes;
import dev.codeinterpreter.spool.SpillBuffer;
import jakarta.json.JsonArrayBuilder;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of {@code results}, as clients read it, on one line. What a program says is JSON may be none: then that form is left
 * out. All of it is written in pieces: every run may show a megabyte at the same time.
 */
final class ShownJson {
    private static final int WRITER_CHARACTERS = 2048;

    private ShownJson() {}

    /**
     * Writes {@code item} behind what {@code target} has.
     *
     * @param spool where JSON of a program waits until it is known to be some
     * @throws dev.codeinterpreter.error.ServiceException STORAGE_FULL when there is no room for it; a part of it may be written
     */
    static void write(ShownItem item, Supplier<SpillBuffer> spool, SpillBuffer target) throws IOException {
        Writer json = writer(target);
        json.write("{\"type\":\"%s\",\"data\":{".formatted(item.value() ? "execute_result" : "display_data"));
        writeText(MimeTypes.PLAIN_TEXT, item.forms().get(MimeTypes.PLAIN_TEXT), json);
        boolean truncated = item.truncated();
        for (Map.Entry<String, SpillBuffer> form : item.forms().entrySet()) {
            if (MimeTypes.isJson(form.getKey())) {
                truncated |= !writeJson(form.getKey(), form.getValue(), spool, json);
            } else if (!form.getKey().equals(MimeTypes.PLAIN_TEXT)) {
                json.write(',');
                writeText(form.getKey(), form.getValue(), json);
            }
        }
        json.write("},\"files\":" + files(item) + (truncated ? ",\"truncated\":true}" : "}"));
        json.flush();
    }

    private static Writer writer(SpillBuffer target) {
        return new OneLineWriter(new BufferedWriter(new OutputStreamWriter(target.sink(), UTF_8), WRITER_CHARACTERS));
    }

    private static void writeText(String mimeType, @Nullable SpillBuffer text, Writer json) throws IOException {
        json.write(Json.createValue(mimeType) + ":");
        try (InputStream in = text == null ? InputStream.nullInputStream() : text.open()) {
            JsonStrings.write(in, text == null ? 0 : text.length(), "", json);
        }
    }

    /** Returns whether it is JSON. Written apart first: that it is none may turn out at its end. */
    private static boolean writeJson(String mimeType, SpillBuffer form, Supplier<SpillBuffer> spool, Writer json)
            throws IOException {
        try (SpillBuffer copy = spool.get()) {
            Writer apart = writer(copy);
            try (InputStream in = form.open()) {
                if (!JsonCopy.write(in, apart)) {
                    return false;
                }
            }
            apart.flush();
            json.write("," + Json.createValue(mimeType) + ":");
            try (InputStream in = copy.open()) {
                new InputStreamReader(in, UTF_8).transferTo(json);
            }
            return true;
        }
    }

    private static String files(ShownItem item) {
        JsonArrayBuilder files = Json.createArrayBuilder();
        item.files()
                .forEach(shown -> files.add(Json.createObjectBuilder()
                        .add("mime_type", shown.mimeType())
                        .add("path", shown.file().path())
                        .add("file_id", shown.file().id().toString())
                        .add("size_bytes", shown.file().size())));
        return files.build().toString();
    }
}
