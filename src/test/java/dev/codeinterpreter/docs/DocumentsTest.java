package dev.codeinterpreter.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What documents refer to is there: pages, headings, files, tests, commands. Examples that call the service are run by {@code
 * contract.ExamplesIT}, the chart is rendered as they install it by {@code chart.ChartTest}.
 */
class DocumentsTest {
    private static final Pattern TEST = Pattern.compile("(?:[a-z]+\\.)*([A-Z]\\w*[a-z](?:Test|IT))(?:\\.(\\w+))?");
    private static final Pattern PATH =
            Pattern.compile("((?:src|docs|charts|dev|images|k8s|\\.ci)/[\\w./-]+|compose\\.yaml|Dockerfile)(?: .*)?");
    private static final Pattern DEV = Pattern.compile("(?<![\\w/])(dev/[a-z0-9-]+)((?: +[^ )\"]+)*)");

    /** Commands that are no script of this repository, each with what is to be there for it. */
    private static final Map<Pattern, String> OTHER_COMMANDS = Map.of(
            Pattern.compile(".*docker compose up"), "compose.yaml",
            Pattern.compile("docker build -t \\S+ \\."), "Dockerfile",
            Pattern.compile("docker build --target default -t \\S+ images/sandbox"), "images/sandbox/Dockerfile",
            Pattern.compile("docker build -t \\S+ -f images/dind/Dockerfile \\."), "images/dind/Dockerfile",
            Pattern.compile("docker run --(rm|privileged) .* code-interpreter(-dind)?"), "Dockerfile",
            Pattern.compile("helm (install|test) ci .*"), "charts/code-interpreter/Chart.yaml",
            Pattern.compile("kubectl apply -f k8s/.*"), "k8s/code-interpreter.yaml",
            Pattern.compile("mvn .*"), "pom.xml");

    static List<Markdown> documents() {
        return Markdown.all();
    }

    @Test
    void theReadmeIsShortAndLeadsToEveryOtherPage() {
        Markdown readme = Markdown.of("README.md");
        assertThat(readme.text().lines().count()).isLessThanOrEqualTo(130);
        assertThat(documents().stream().map(page -> page.file().toString()).filter(name -> !name.equals("README.md")))
                .hasSizeGreaterThan(10)
                .allMatch(readme.links()::contains);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Markdown page) {
        assertThat(page.links()).allSatisfy(link -> {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty()
                    ? page.file()
                    : page.file().resolveSibling(parts[0]).normalize();
            assertThat(target).as(link).exists();
            if (parts.length == 2) {
                assertThat(Markdown.of(target.toString()).anchors()).as(link).contains(parts[1]);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesFilesThatAreThere(Markdown page) {
        assertThat(page.inlineCode().stream().map(PATH::matcher).filter(match -> match.matches()))
                .allSatisfy(match -> assertThat(Path.of(match.group(1))).exists());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesTestsThatAreThere(Markdown page) throws IOException {
        Map<String, String> java = testSources(".java");
        String python = String.join("\n", testSources(".py").values());
        assertThat(page.inlineCode().stream().map(TEST::matcher).filter(match -> match.matches()))
                .allSatisfy(match -> {
                    boolean isPython = python.contains("class %s(".formatted(match.group(1)));
                    String source = isPython ? python : java.getOrDefault(match.group(1) + ".java", "");
                    String method = match.group(2) == null ? "" : " %s(".formatted(match.group(2));
                    assertThat(!source.isEmpty() && source.contains(method))
                            .as(match.group())
                            .isTrue();
                });
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesCommandsThatAreThere(Markdown page) throws IOException {
        for (String code : page.inlineCode()) {
            requireScripts(code);
        }
        for (Markdown.Block block : page.blocks()) {
            if (block.language().equals("sh") && !isExample(block)) {
                for (String command : commands(block)) {
                    requireKnown(command);
                }
            }
        }
    }

    /** Run against a service by {@code contract.ExamplesIT}. */
    private static boolean isExample(Markdown.Block block) {
        return block.code().contains("localhost:8000");
    }

    /** One to a line or to a {@code &&}, without comments. */
    private static List<String> commands(Markdown.Block block) {
        return block.code()
                .replace("\\\n", " ")
                .lines()
                .flatMap(line -> Arrays.stream(line.replaceFirst(" +# .*", "").split(" && ", -1)))
                .map(command -> command.strip().replaceAll(" +", " "))
                .filter(command -> !command.isEmpty())
                .toList();
    }

    private static void requireKnown(String command) throws IOException {
        if (!requireScripts(command)) {
            assertThat(OTHER_COMMANDS.entrySet().stream()
                            .filter(known -> known.getKey().matcher(command).matches())
                            .map(known -> Path.of(known.getValue())))
                    .as("what %s needs", command)
                    .isNotEmpty()
                    .allSatisfy(needed -> assertThat(needed).exists());
        }
    }

    /** Whether {@code command} runs scripts of ours: they and each of their options and subcommands are then known. */
    private static boolean requireScripts(String command) throws IOException {
        List<MatchResult> scripts = DEV.matcher(command).results().toList();
        for (MatchResult script : scripts) {
            Path file = Path.of(script.group(1));
            if (Files.isDirectory(file)) {
                continue;
            }
            assertThat(file).isExecutable();
            String source = Files.readString(file);
            for (String word : script.group(2).strip().split(" +", -1)) {
                if (word.matches("--[a-z]+|up|down|build|load|env")) {
                    assertThat(source).as(command).contains(word);
                }
            }
        }
        return !scripts.isEmpty();
    }

    /** By the names of the files. */
    private static Map<String, String> testSources(String ending) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(ending)).toList()) {
                sources.merge(file.getFileName().toString(), Files.readString(file), String::concat);
            }
        }
        return sources;
    }
}
