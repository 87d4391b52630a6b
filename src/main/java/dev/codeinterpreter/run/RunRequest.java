package dev.codeinterpreter.run;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.wire.Fields;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to run, as the client said it: paths and ids are not checked yet. The texts belong to the request's body and are
 * read while it is open.
 *
 * @param results whether what the program shows comes back
 */
public record RunRequest(
        Text code,
        Optional<Text> stdin,
        Duration timeout,
        boolean lastLineInteractive,
        boolean results,
        List<FileReference> files) {

    /** A stored file and the place in the workspace where the program finds it. */
    public record FileReference(String path, String fileId) {

        /** The member {@code files} of a request; what it gives counts only after {@link Fields#verify}. */
        public static List<FileReference> listIn(Fields fields) {
            return fields.list(
                    "files", file -> new FileReference(file.requiredString("path"), file.requiredString("file_id")));
        }
    }

    public RunRequest {
        requireNonNull(code, "code is null");
        requireNonNull(stdin, "stdin is null");
        requireNonNull(timeout, "timeout is null");
        files = List.copyOf(files);
    }

    /** The program's input, empty when there is none; the caller closes it. */
    public InputStream openStdin() {
        return stdin.map(Text::open).orElseGet(InputStream::nullInputStream);
    }
}
