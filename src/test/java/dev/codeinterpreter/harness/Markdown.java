package dev.codeinterpreter.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A document of this repository: its blocks of code, tables, headings and links. */
public record Markdown(Path file, String text) {
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)\\s]+)\\)");
    private static final Pattern INLINE_CODE = Pattern.compile("`([^`\n]+)`");

    /** A fenced block; {@code output} is the block that follows it without any text between, or empty. */
    public record Block(String language, String code, String output) {}

    public static Markdown of(String file) {
        return of(Path.of(file));
    }

    private static Markdown of(Path file) {
        try {
            return new Markdown(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those at the top and below docs, in the order of their names. */
    public static List<Markdown> all() {
        List<Markdown> documents = new ArrayList<>();
        for (String directory : List.of("", "docs")) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(file -> documents.add(of(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return documents;
    }

    public List<Block> blocks() {
        // Text and code take turns; code begins with its language.
        String[] parts = text.split("(?m)^```", -1);
        List<Block> blocks = new ArrayList<>();
        for (int i = 1; i < parts.length; i += 2) {
            String language = parts[i].lines().findFirst().orElse("");
            boolean followed = i + 2 < parts.length
                    && parts[i + 1].isBlank()
                    && !language(parts[i + 2]).equals("sh");
            blocks.add(new Block(language, code(parts[i]), followed ? code(parts[i + 2]) : ""));
        }
        return blocks;
    }

    private static String language(String block) {
        return block.lines().findFirst().orElse("");
    }

    private static String code(String block) {
        return block.substring(block.indexOf('\n') + 1);
    }

    /** The cells of each row of each table, but for heads. */
    public List<List<String>> rows() {
        return text.lines()
                .filter(line -> line.startsWith("| ") && line.endsWith("|"))
                .map(line -> Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList())
                .toList();
    }

    /** Targets of links to files and headings of this repository. */
    public List<String> links() {
        return LINK.matcher(text).results().map(match -> match.group(1)).toList();
    }

    /** Without blocks. */
    public List<String> inlineCode() {
        String prose = text.replaceAll("(?ms)^```.*?^```", "");
        return INLINE_CODE.matcher(prose).results().map(match -> match.group(1)).toList();
    }

    /** The names by which links refer to the headings, as GitHub makes them. */
    public List<String> anchors() {
        return text.lines()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
                .toList();
    }
}
