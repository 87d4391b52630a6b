package dev.codeinterpreter.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/CONFIGURATION.md has every setting that the code reads, each once, and no other. */
class SettingsPageTest {
    private static final Pattern VARIABLE = Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOST|PORT)\"");

    /** Accepted and not read. */
    private static final Set<String> UNUSED = Set.of("PYTHON_EXECUTOR_DOCKER_BIN");

    @Test
    void hasEverySettingOnce() {
        Set<String> read = new TreeSet<>(UNUSED);
        read.addAll(settingsOfTheCode());
        assertThat(read).hasSizeGreaterThan(50);
        assertThat(Markdown.of("docs/CONFIGURATION.md").rows().stream()
                        .map(row -> row.get(0))
                        .filter(cell -> cell.matches("`[A-Z0-9_]+`"))
                        .map(cell -> cell.replace("`", "")))
                .containsExactlyInAnyOrderElementsOf(read);
    }

    /** The names are literals of the classes that read {@link dev.codeinterpreter.config.Settings}. */
    private static Set<String> settingsOfTheCode() {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .map(SettingsPageTest::read)
                    .filter(source -> source.contains("Settings settings"))
                    .flatMap(source -> VARIABLE.matcher(source).results())
                    .forEach(match -> names.add(match.group(1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
