package dev.codeinterpreter.execution;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.wire.Text;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to run, as the client said it: paths and ids are not checked yet. The texts belong to the request's body and are
 * read while it is open.
 */
public record ExecutionRequest(
        Text code, Optional<Text> stdin, Duration timeout, boolean lastLineInteractive, List<FileReference> files) {

    /** A stored file and the place in the workspace where the program finds it. */
    public record FileReference(String path, String fileId) {}

    public ExecutionRequest {
        requireNonNull(code, "code is null");
        requireNonNull(stdin, "stdin is null");
        requireNonNull(timeout, "timeout is null");
        files = List.copyOf(files);
    }
}
