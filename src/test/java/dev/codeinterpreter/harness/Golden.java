package dev.codeinterpreter.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * Texts that are checked in and that what is seen must equal, a directory for each backend. With {@code -Dgolden.write=true}
 * what is seen is written over them instead; the author of the commit reads the difference.
 */
public final class Golden {
    private static final String PLACE =
            "dev/codeinterpreter/golden/" + Backend.current().name().toLowerCase(Locale.ROOT) + "/";
    private static final Path SOURCES = Path.of("src/test/resources");

    private Golden() {}

    /** @throws AssertionError with every line that differs */
    public static void check(String name, String seen) {
        String text = seen.endsWith("\n") ? seen : seen + "\n";
        if (Boolean.getBoolean("golden.write")) {
            write(name, text);
            return;
        }
        String golden = read(name);
        if (!text.equals(golden)) {
            throw new AssertionError("not as in %s%s (- golden, + seen):\n%s"
                    .formatted(
                            PLACE,
                            name,
                            difference(golden.lines().toList(), text.lines().toList())));
        }
    }

    private static void write(String name, String text) {
        try {
            Path file = SOURCES.resolve(PLACE + name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(String name) {
        try (InputStream in = Golden.class.getClassLoader().getResourceAsStream(PLACE + name)) {
            if (in == null) {
                throw new AssertionError("there is no %s%s: write it with -Dgolden.write=true".formatted(PLACE, name));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines of a longest common subsequence are left out; texts here have some hundred lines. */
    private static String difference(List<String> golden, List<String> seen) {
        int[][] common = new int[golden.size() + 1][seen.size() + 1];
        for (int i = golden.size() - 1; i >= 0; i--) {
            for (int j = seen.size() - 1; j >= 0; j--) {
                common[i][j] = golden.get(i).equals(seen.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        StringJoiner lines = new StringJoiner("\n");
        int i = 0;
        int j = 0;
        while (i < golden.size() || j < seen.size()) {
            if (i < golden.size() && j < seen.size() && golden.get(i).equals(seen.get(j))) {
                i++;
                j++;
            } else if (j == seen.size() || (i < golden.size() && common[i + 1][j] >= common[i][j + 1])) {
                lines.add("- " + golden.get(i++));
            } else {
                lines.add("+ " + seen.get(j++));
            }
        }
        return lines.toString();
    }
}
