package dev.codeinterpreter.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each test that docs/DEFECTS.md names is there. */
class DefectsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (?!defect|---)(.*) \\| (.*) \\|$");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @Test
    void namesTestsThatAreThere() throws IOException {
        Map<String, String> sources = sources();
        List<MatchResult> rows = ROW.matcher(Files.readString(Path.of("docs/DEFECTS.md")))
                .results()
                .toList();
        assertThat(rows).hasSizeGreaterThan(40);
        for (MatchResult row : rows) {
            assertThat(row.group(2)).as(row.group(1)).contains("`");
            String source = "";
            for (MatchResult quoted : QUOTED.matcher(row.group(2)).results().toList()) {
                String[] words = quoted.group(1).split("[. ]", 2);
                String named = sources.get(words[0] + ".java");
                if (named != null) {
                    source = named;
                }
                if (named == null || words.length == 2) {
                    String name = words[words.length - 1];
                    assertThat(isIn(source, name) || isPython(sources, name))
                            .as("%s of: %s", quoted.group(1), row.group(1))
                            .isTrue();
                }
            }
        }
    }

    /** A method, or a row of a table of hostile programs. */
    private static boolean isIn(String source, String name) {
        return source.contains("void %s(".formatted(name)) || source.contains("\"%s ".formatted(name));
    }

    private static boolean isPython(Map<String, String> sources, String name) {
        return sources.containsKey(name + ".py")
                || sources.entrySet().stream()
                        .filter(entry -> entry.getKey().endsWith(".py"))
                        .map(Map.Entry::getValue)
                        .anyMatch(source -> source.contains("def %s(".formatted(name))
                                || source.contains("class %s(".formatted(name)));
    }

    /** By the name of the file. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test"))) {
            files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(java|py)"))
                    .forEach(file -> sources.merge(file.getFileName().toString(), read(file), String::concat));
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
