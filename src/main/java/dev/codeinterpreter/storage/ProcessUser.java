package dev.codeinterpreter.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who this process is for the file system. */
final class ProcessUser {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String NAME = "Uid:";

    private ProcessUser() {}

    /** The effective user id, which files that this process makes belong to. */
    static int effectiveId() throws IOException {
        // "Uid:", then the real, the effective, the saved and the file system's id.
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(NAME))
                .mapToInt(line -> Integer.parseUnsignedInt(
                        line.substring(NAME.length()).strip().split("\\s+", 3)[1]))
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " names no user"));
    }
}
