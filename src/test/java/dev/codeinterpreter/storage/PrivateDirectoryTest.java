package dev.codeinterpreter.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateDirectoryTest {
    private static final int STRANGER = 4242;

    @TempDir
    Path temporary;

    @Test
    void makesADirectoryForItsOwnerAlone() throws IOException {
        Path path = temporary.resolve("a/b");
        PrivateDirectory.prepare(path);
        PrivateDirectory.prepare(path);
        assertThat(mode(path)).isEqualTo("rwx------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxr-xr-x", "rwxrwx---", "rwxrwxr-x"})
    void acceptsWhatTheGroupMayWrite(String mode) throws IOException {
        PrivateDirectory.prepare(directory("volume", mode));
    }

    @Test
    void refusesWhatEverybodyMayWrite() throws IOException {
        Path path = directory("open", "rwxrwxrwx");
        assertThatThrownBy(() -> PrivateDirectory.prepare(path))
                .isInstanceOf(IOException.class)
                .hasMessage("every user may write to it (mode 0777): take that right away with chmod o-w");
    }

    @Test
    void refusesWhatEverybodyMayExchange() throws IOException {
        Path above = directory("open", "rwxrwxrwx");
        assertThatThrownBy(() -> PrivateDirectory.prepare(above.resolve("a/b")))
                .hasMessageStartingWith("another user may exchange it, as " + above.toRealPath() + " (uid ");
        Files.setAttribute(above, "unix:mode", 01777);
        PrivateDirectory.prepare(above.resolve("a/b"));
    }

    @Test
    void refusesWhatBelongsToAnother() throws IOException {
        Path path = ofAStranger(directory("theirs", "rwx------"));
        assertThatThrownBy(() -> PrivateDirectory.prepare(path))
                .hasMessageStartingWith("it belongs to ")
                .hasMessageContaining("(uid 4242) and not to this process (uid ");
    }

    @Test
    void refusesALinkOfAnother() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), directory("mine", "rwx------"));
        PrivateDirectory.prepare(link);
        ofAStranger(link);
        assertThatThrownBy(() -> PrivateDirectory.prepare(link)).hasMessageContaining("(uid 4242)");
    }

    @Test
    void followsNoLinkInside() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("incoming"), directory("precious", "rwx------"));
        assertThatThrownBy(() -> PrivateDirectory.prepareInside(link)).isInstanceOf(IOException.class);
        PrivateDirectory.prepareInside(temporary.resolve("spool"));
        assertThat(mode(temporary.resolve("spool"))).isEqualTo("rwx------");
    }

    private Path directory(String name, String mode) throws IOException {
        Path path = Files.createDirectory(temporary.resolve(name));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        return path;
    }

    private static Path ofAStranger(Path path) throws IOException {
        assumeTrue(ProcessUser.effectiveId() == 0, "only root can give a file away");
        Files.setAttribute(path, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
        return path;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
