package dev.codeinterpreter.run;

import dev.codeinterpreter.spool.SpillBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that a program shows. Its forms are closed by the one who made it, when it has been taken note of.
 *
 * @param value whether it is the value of the last line
 * @param forms that stand in the answer itself, by their MIME types; what a program wrote, as bytes, whatever they are
 * @param files of the other forms, stored already
 * @param truncated whether a form was left out or cut
 */
public record ShownItem(boolean value, Map<String, SpillBuffer> forms, List<ShownFile> files, boolean truncated) {

    /** A form that is a file; it is one of the run's files, too. */
    public record ShownFile(String mimeType, RunResult.OutputFile file) {}

    public ShownItem {
        forms = Collections.unmodifiableMap(new LinkedHashMap<>(forms));
        files = List.copyOf(files);
    }
}
