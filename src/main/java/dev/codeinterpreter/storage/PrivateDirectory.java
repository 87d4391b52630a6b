package dev.codeinterpreter.storage;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * Directories that no other local user can read, exchange or write to. A user who can write to the place where files are
 * kept could take them, put others in their place, or lead us to delete somebody else's by a link.
 *
 * <p>Trusted are this process's user, root, and the group of the directory: volumes belong to root, and Kubernetes gives
 * the right to write by {@code fsGroup}. A volume itself may be open to all, as an {@code emptyDir} is: what is mounted was
 * put there by who runs the machine, and there are no strangers behind it.
 */
public final class PrivateDirectory {
    /** Of a directory that no other user can read or write to, when it is made. */
    public static final FileAttribute<Set<PosixFilePermission>> DIRECTORY_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** The same of a file. */
    public static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final String ATTRIBUTES = "unix:uid,mode,dev";
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;

    private PrivateDirectory() {}

    /** What the system says of a file. */
    private record Status(int uid, int mode, long device) {
        static Status of(Path path, LinkOption... options) throws IOException {
            Map<String, Object> values = Files.readAttributes(path, ATTRIBUTES, options);
            return new Status(
                    (Integer) requireNonNull(values.get("uid")), (Integer) requireNonNull(values.get("mode")), (Long)
                            requireNonNull(values.get("dev")));
        }

        boolean isOpenToAll() {
            return (mode & WRITABLE_BY_OTHERS) != 0;
        }

        boolean isSticky() {
            return (mode & STICKY) != 0;
        }
    }

    /**
     * Makes {@code path} with mode 0700 when it is not there, and checks it in any case: it may have been there before.
     *
     * @throws IOException when another user can write to it; the message says what is wrong and what to do
     */
    public static void prepare(Path path) throws IOException {
        Files.createDirectories(path, DIRECTORY_MODE);
        if (!Files.getFileStore(path).supportsFileAttributeView("posix")) {
            return;
        }
        int self = ProcessUser.effectiveId();
        // A link in a directory of everybody's leads where its owner wants.
        requireTrusted(path, Status.of(path, LinkOption.NOFOLLOW_LINKS), self);
        Path place = path.toRealPath();
        Status directory = Status.of(place);
        requireTrusted(path, directory, self);
        if (directory.isOpenToAll() && !isVolume(place, directory)) {
            throw new IOException("every user may write to it (mode %04o): take that right away with chmod o-w"
                    .formatted(directory.mode() & 07777));
        }
        for (Path above = place.getParent(); above != null; above = above.getParent()) {
            requireFixed(above, Status.of(above), self);
        }
    }

    /**
     * Makes a directory inside a prepared one when it is not there.
     *
     * @throws IOException when something else has its name, a link to a directory included
     */
    public static void prepareInside(Path path) throws IOException {
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(path, DIRECTORY_MODE);
        } else if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(path.toString());
        }
    }

    private static void requireTrusted(Path path, Status status, int self) throws IOException {
        if (status.uid() != self && status.uid() != ROOT) {
            throw new IOException(
                    "it belongs to %s (uid %d) and not to this process (uid %d): remove it, or name another"
                            .formatted(
                                    Files.getOwner(path, LinkOption.NOFOLLOW_LINKS)
                                            .getName(),
                                    status.uid(),
                                    self));
        }
    }

    /** What is below a directory can be exchanged by its owner, and by all who may write to it unless it is sticky. */
    private static void requireFixed(Path above, Status status, int self) throws IOException {
        boolean foreign = self != ROOT && status.uid() != self && status.uid() != ROOT;
        boolean exchangeable = foreign || (status.isOpenToAll() && !status.isSticky());
        if (exchangeable && !isVolume(above, status)) {
            throw new IOException(
                    "another user may exchange it, as %s (uid %d, mode %04o) is not ours alone: name another"
                            .formatted(above, status.uid(), status.mode() & 07777));
        }
    }

    private static boolean isVolume(Path path, Status status) throws IOException {
        Path above = path.getParent();
        return above == null || Status.of(above).device() != status.device();
    }
}
