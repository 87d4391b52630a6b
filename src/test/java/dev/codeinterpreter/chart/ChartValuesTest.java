package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each value does: {@code effects.csv} has for each at least one place where it shows. */
class ChartValuesTest {
    private static final Path TABLE = Path.of("src/test/resources/dev/codeinterpreter/chart/effects.csv");

    /** Values of their own have those that are set besides, by podResources and the size limits of the executor. */
    private static final Set<String> SET_BY_OTHERS = Set.of("CPU_LIMIT", "WORKSPACE_SIZE_LIMIT", "TMP_SIZE_LIMIT");

    record Effect(String values, String kind, String path, String expected) {
        boolean isVariable() {
            return kind.equals("env");
        }

        @Override
        public String toString() {
            return "%s: %s %s".formatted(values, kind, path);
        }
    }

    static List<Effect> effects() throws IOException {
        try (Stream<String> lines = Files.lines(TABLE)) {
            return lines.filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" \\| ", -1))
                    .map(cells -> new Effect(cells[0], cells[1], cells[2], cells[3]))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("effects")
    void doesWhatItSays(Effect effect) {
        Rendered rendered = Rendered.with(effect.values());
        assertThat(
                        effect.isVariable()
                                ? rendered.environment(effect.path())
                                : rendered.at(effect.kind(), effect.path()))
                .isEqualTo(ChartValues.value(effect.expected()));
    }

    @Test
    void eachIsShown() throws IOException {
        Set<String> shown = effects().stream()
                .flatMap(effect -> ChartValues.leaves(ChartValues.yaml(effect.values())).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(shown).containsAll(leaves());
    }

    @Test
    void eachHasADefaultAndAComment() throws IOException {
        List<String> inFile =
                ChartValues.leaves(ChartValues.yaml(Files.readString(Chart.DIRECTORY.resolve("values.yaml"))));
        assertThat(inFile).containsExactlyElementsOf(leaves());
        assertThat(ChartValues.read())
                .filteredOn(ChartValues.Value::isLeaf)
                .allSatisfy(
                        value -> assertThat(value.comment()).as(value.path()).isNotBlank());
    }

    /** Of the service on Kubernetes. */
    @Test
    void eachSettingHasOne() throws IOException {
        Set<String> settings = Markdown.of("docs/CONFIGURATION.md").rows().stream()
                .map(List::getFirst)
                .filter(cell -> cell.matches("`[A-Z0-9_]+`"))
                .map(cell -> cell.replace("`", ""))
                .filter(name -> !name.matches("(DOCKER|PYTHON_EXECUTOR_DOCKER)_.*|EXECUTOR_BACKEND"))
                .filter(name -> !SET_BY_OTHERS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> variables = effects().stream()
                .filter(Effect::isVariable)
                .map(Effect::path)
                .filter(name -> !name.equals("A"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(variables).isEqualTo(settings);
    }

    /** As the platform has them: an environment with a variable twice takes the last, and some tools refuse it. */
    @Test
    void noVariableStandsTwice() {
        List<?> variables = (List<?>) requireNonNull(
                Rendered.with("extraEnvVars: [{name: PORT, value: 1}, {name: FILE_STORAGE_DIR, value: /x}]")
                        .at("Deployment", "spec template spec containers 0 env"));
        assertThat(variables.stream().map(variable -> String.valueOf(((Map<?, ?>) variable).get("name"))))
                .doesNotHaveDuplicates();
    }

    private static List<String> leaves() {
        return ChartValues.read().stream()
                .filter(ChartValues.Value::isLeaf)
                .map(ChartValues.Value::path)
                .toList();
    }
}
