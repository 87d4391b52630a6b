package dev.codeinterpreter.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * A file that loses its name as soon as it is open, so that nobody else can open it and not even a killed service leaves
 * it behind; its blocks go back when it is closed.
 */
final class UnlinkedFile {
    private UnlinkedFile() {}

    /** Opens a new one for reading and writing; {@code directory} is made with mode 0700 when it is not there. */
    static FileChannel open(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // On Unix the JDK unlinks a file that is to be deleted on close right after opening it.
        return FileChannel.open(
                directory.resolve(UUID.randomUUID() + ".spool"),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
}
