package dev.codeinterpreter.wire;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the reference takes for JSON. */
final class ContentTypes {
    private ContentTypes() {}

    /** {@code application/json} and {@code application/*+json} with any parameters; also when there is no type at all. */
    static boolean isJson(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return true;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String[] parts = type.split("/", -1);
        return parts.length == 2
                && parts[0].equals("application")
                && (parts[1].equals("json") || parts[1].endsWith("+json"));
    }
}
