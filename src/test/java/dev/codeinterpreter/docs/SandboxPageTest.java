package dev.codeinterpreter.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/SANDBOX.md lists what images/sandbox/contents.tsv installs. */
class SandboxPageTest {
    private static final Path CONTENTS = Path.of("images/sandbox/contents.tsv");

    /** A line of the file: the image that the package is new in, and the module or command, if it has one. */
    private record Entry(String image, String topic, String name) {
        static Entry of(String line) {
            String[] fields = line.split("\t");
            assertThat(fields).as(line).hasSize(4);
            return new Entry(fields[0], fields[1], fields[3]);
        }

        /** As a program says it: a module without its submodules. */
        String shown() {
            return "`%s`".formatted(name.replaceFirst("^\\$", "").replaceFirst("\\..*", ""));
        }
    }

    @Test
    void listsWhatTheImagesHave() throws IOException {
        List<Entry> entries = entries();
        List<List<String>> expected = new ArrayList<>();
        for (String topic : entries.stream()
                .filter(entry -> !entry.image().equals("slim"))
                .map(Entry::topic)
                .distinct()
                .toList()) {
            expected.add(List.of(topic, names(entries, "default", topic), names(entries, "full", topic)));
        }
        assertThat(expected).hasSizeGreaterThan(5);
        assertThat(Markdown.of("docs/SANDBOX.md").rows()).containsSubsequence(expected);
    }

    private static List<Entry> entries() throws IOException {
        try (Stream<String> lines = Files.lines(CONTENTS)) {
            return lines.filter(line -> !line.startsWith("#")).map(Entry::of).toList();
        }
    }

    private static String names(List<Entry> entries, String image, String topic) {
        return String.join(
                ", ",
                entries.stream()
                        .filter(entry -> entry.image().equals(image)
                                && entry.topic().equals(topic)
                                && !entry.name().equals("-"))
                        .map(Entry::shown)
                        .toList());
    }
}
