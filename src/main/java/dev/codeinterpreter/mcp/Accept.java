package dev.codeinterpreter.mcp;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client reads, taken leniently: some name only one of the two that they should.
 *
 * @param json application/json
 * @param events text/event-stream
 */
record Accept(boolean json, boolean events) {

    /** @param header null when there was none, which accepts everything */
    static Accept of(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return new Accept(true, true);
        }
        List<String> types = Arrays.stream(header.split(",", -1))
                .map(range -> range.toLowerCase(Locale.ROOT).replaceAll("\\s", ""))
                .filter(range -> !range.matches(".*;q=0(\\.0*)?(;.*)?"))
                .map(range -> range.split(";", 2)[0])
                .toList();
        boolean everything = types.contains("*/*");
        return new Accept(
                everything || types.contains("application/json") || types.contains("application/*"),
                everything || types.contains("text/event-stream") || types.contains("text/*"));
    }
}
