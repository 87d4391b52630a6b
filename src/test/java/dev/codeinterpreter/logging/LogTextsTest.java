package dev.codeinterpreter.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts of the log are patterns of MessageFormat, in which a lone apostrophe begins a quotation: what follows is not filled in. */
class LogTextsTest {
    private static final Pattern PATTERN_TEXT =
            Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\\{0}(?:[^\"\\\\\n]|\\\\.)*\"");

    @Test
    void haveNoLoneApostrophe() throws IOException {
        List<String> texts;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            texts = files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> PATTERN_TEXT.matcher(read(file)).results().map(MatchResult::group))
                    .toList();
        }
        assertThat(texts)
                .hasSizeGreaterThan(30)
                .noneMatch(text -> text.replace("''", "").contains("'"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
