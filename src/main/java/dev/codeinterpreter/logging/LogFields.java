package dev.codeinterpreter.logging;

import jakarta.json.JsonObjectBuilder;
import java.util.logging.LogRecord;

/** A parameter of a log message that has fields of its own in a line of JSON; its text is what a plain line has. */
public interface LogFields {

    void addTo(JsonObjectBuilder line);

    /** Adds those of all parameters of {@code entry}. */
    static void add(LogRecord entry, JsonObjectBuilder line) {
        if (entry.getParameters() != null) {
            for (Object parameter : entry.getParameters()) {
                if (parameter instanceof LogFields fields) {
                    fields.addTo(line);
                }
            }
        }
    }
}
