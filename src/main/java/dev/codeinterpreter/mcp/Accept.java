package dev.codeinterpreter.mcp;

import dev.codeinterpreter.page.Preference;
import java.util.List;
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
        List<String> headers = List.of(header);
        boolean everything = Preference.names(headers, "*/*");
        return new Accept(
                everything
                        || Preference.names(headers, "application/json")
                        || Preference.names(headers, "application/*"),
                everything || Preference.names(headers, "text/event-stream") || Preference.names(headers, "text/*"));
    }
}
