package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspacePathTest {

    @ParameterizedTest
    @CsvSource({
        "a,a",
        "a/b/c.txt,a/b/c.txt",
        "./a//b/./c,a/b/c",
        "./a,a",
        "././a,a",
        "a/,a",
        "a//,a",
        "a/.,a",
        ".env,.env",
        "..hidden,..hidden",
        "...,...",
        "a/...,a/...",
        "a..b,a..b",
        "C:\\x,C:\\x",
        "\\\\srv\\x,\\\\srv\\x",
        "..\\x,..\\x",
        "%2e%2e%2fetc,%2e%2e%2fetc",
        "-rf,-rf",
        "--checkpoint=1,--checkpoint=1",
        "~root,~root",
        "$(id),$(id)",
        "`id`,`id`",
        ";rm -rf *,;rm -rf *",
        "报告.csv,报告.csv",
        "😀,😀",
        "a b/c d,a b/c d",
        "__main__.py,__main__.py",
        "./__main__.py,__main__.py",
        "__MAIN__.PY,__MAIN__.PY",
        "pkg/__main__.py,pkg/__main__.py"
    })
    void normalises(String given, String path) {
        assertThat(WorkspacePath.parse(given).value()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//", "/etc/passwd", "//x", "/.", "/..", "/workspace/a"})
    void refusesAnAbsolutePath(String path) {
        assertInvalid(() -> WorkspacePath.parse(path), "File paths must be relative.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../x", "a/..", "a/../b", "a/../../b", "./..", "a/b/../c", "../../etc/passwd"})
    void refusesAWayUp(String path) {
        assertInvalid(() -> WorkspacePath.parse(path), "File paths must not contain '..'.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "./", "././/."})
    void refusesAnEmptyPath(String path) {
        assertInvalid(() -> WorkspacePath.parse(path), "File path must not be empty.");
    }

    static IntStream controlCharacters() {
        return IntStream.concat(IntStream.range(0, 0x20), IntStream.range(0x7f, 0xa0));
    }

    @ParameterizedTest
    @MethodSource("controlCharacters")
    void refusesAControlCharacter(int character) {
        assertInvalid(
                () -> WorkspacePath.parse("dir/a%cb".formatted(character)),
                "File path 'dir/a\uFFFDb' must not contain control characters.");
    }

    @ParameterizedTest
    @CsvSource({"x,255", "ä,127", "€,85", "😀,63"})
    void acceptsAComponentOf255Bytes(String character, int times) {
        String component = character.repeat(times);
        assertThat(WorkspacePath.parse("a/" + component + "/b").value()).isEqualTo("a/" + component + "/b");
    }

    @ParameterizedTest
    @CsvSource({"x,256", "ä,128", "€,86", "😀,64"})
    void refusesAComponentOfMoreBytes(String character, int times) {
        String component = character.repeat(times);
        assertInvalid(
                () -> WorkspacePath.parse(component),
                "File path '%s' has a component of more than 255 bytes.".formatted(component));
    }

    @Test
    void acceptsAPathThatJustFitsBelowTheWorkspace() {
        String path = "12345678/".repeat(453) + "1234567";
        assertThat(path).hasSize(4084);
        assertThat(WorkspacePath.parse("./" + path + "//").value()).isEqualTo(path);
    }

    @Test
    void refusesALongerPathAndNamesItsBeginning() {
        String path = "12345678/".repeat(453) + "12345678";
        assertInvalid(
                () -> WorkspacePath.parse(path),
                "File path '%s...' is longer than 4084 bytes.".formatted(path.substring(0, 256)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"__main__.py", "./__main__.py", ".//__main__.py/", "__main__.py/x", "__main__.py/x/y"})
    void reservesTheProgramsPlace(String path) {
        assertInvalid(
                () -> WorkspacePath.parse(path).requireNotEntrypoint(),
                "File path '__main__.py' is reserved for the execution entrypoint.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"__MAIN__.PY", "pkg/__main__.py", "__main__.pyc", "__main__", "x__main__.py"})
    void reservesNoOtherPlace(String path) {
        assertThat(WorkspacePath.parse(path).requireNotEntrypoint().value()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a b", "a/b a/c", "a.txt a/b", "a ab a.b", "a/b ab/a", "a/b/c a/b.c/d a/b-c"})
    void letsPathsExistBesideEachOther(String paths) {
        assertThatCode(() -> WorkspacePath.requireDistinct(parsed(paths))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a a", "a b a", "a ./a", "a a.txt a/", "a/b x a//b"})
    void refusesAPathTwice(String paths) {
        String twice = paths.startsWith("a/b") ? "a/b" : "a";
        assertInvalid(
                () -> WorkspacePath.requireDistinct(parsed(paths)), "File path '%s' is given twice.".formatted(twice));
    }

    static Stream<Arguments> filesThatAreDirectories() {
        return Stream.of(
                Arguments.of("a a/b", "a"),
                Arguments.of("a/b a", "a"),
                Arguments.of("a a.txt a/b", "a"),
                Arguments.of("a a- a. a/b a0", "a"),
                Arguments.of("a a!/x a/b/c/d", "a"),
                Arguments.of("x a/b/c y a/b", "a/b"),
                Arguments.of("a/b a/b! a/b/c", "a/b"));
    }

    @ParameterizedTest
    @MethodSource("filesThatAreDirectories")
    void refusesAFileThatIsADirectoryToo(String paths, String both) {
        assertInvalid(
                () -> WorkspacePath.requireDistinct(parsed(paths)),
                "File path '%s' is both a file and a directory.".formatted(both));
    }

    private static List<WorkspacePath> parsed(String paths) {
        return Stream.of(paths.split(" ", -1))
                .filter(path -> !path.isEmpty())
                .map(WorkspacePath::parse)
                .toList();
    }

    private static void assertInvalid(ThrowingCallable action, String message) {
        assertThatThrownBy(action)
                .hasMessage(message)
                .asInstanceOf(type(ServiceException.class))
                .extracting(ServiceException::code)
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }
}
