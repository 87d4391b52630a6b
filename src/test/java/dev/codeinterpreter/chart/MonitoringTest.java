package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import dev.codeinterpreter.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alerts and the dashboard ask for metrics that there are. */
class MonitoringTest {
    private static final Pattern METRIC = Pattern.compile("code_interpreter_[a-z_]+");
    private static final Pattern NAME = Pattern.compile("`([a-z_]+)`");

    @Test
    void alertsAskForMetricsThatThereAre() {
        List<?> rules = (List<?>) requireNonNull(Rendered.with("metrics: {prometheusRule: {enabled: true}}")
                .at("PrometheusRule", "spec groups 0 rules"));
        assertThat(rules)
                .hasSize(5)
                .allSatisfy(rule -> assertThat(asMap(rule).keySet().stream().map(String::valueOf))
                        .containsExactlyInAnyOrder("alert", "expr", "for", "labels", "annotations"));
        List<String> queries = rules.stream()
                .map(rule -> String.valueOf(asMap(rule).get("expr")))
                .toList();
        assertThat(queries).allSatisfy(query -> {
            assertThat(query).contains("{namespace=\"here\",service=\"ci-code-interpreter\"");
            assertBalanced(query);
        });
        assertThat(metrics(queries.stream())).hasSizeGreaterThan(4).isSubsetOf(documented());
    }

    @Test
    void panelsAskForMetricsThatThereAre() {
        String text = String.valueOf(Rendered.with("metrics: {dashboard: {enabled: true}}")
                .at("ConfigMap/ci-code-interpreter-dashboard", "data code-interpreter.json"));
        JsonObject dashboard;
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            dashboard = reader.readObject();
        }
        JsonArray panels = dashboard.getJsonArray("panels");
        assertThat(panels).hasSize(10);
        List<String> queries = panels.stream()
                .flatMap(panel -> panel.asJsonObject().getJsonArray("targets").stream())
                .map(target -> target.asJsonObject().getString("expr"))
                .toList();
        assertThat(queries).allSatisfy(query -> {
            assertThat(query).contains("{namespace=\"$namespace\",service=\"$service\"");
            assertBalanced(query);
        });
        assertThat(metrics(Stream.of(text))).hasSizeGreaterThan(10).isSubsetOf(documented());
    }

    private static void assertBalanced(String query) {
        for (String pair : List.of("()", "{}", "[]")) {
            assertThat(count(query, pair.charAt(0))).as(query).isEqualTo(count(query, pair.charAt(1)));
        }
    }

    private static long count(String text, char character) {
        return text.chars().filter(c -> c == character).count();
    }

    private static Map<?, ?> asMap(Object rule) {
        return (Map<?, ?>) rule;
    }

    /** A histogram's buckets stand for it. */
    private static Set<String> metrics(Stream<String> queries) {
        return queries.flatMap(query -> METRIC.matcher(query).results())
                .map(MatchResult::group)
                .map(name -> name.replaceFirst("_bucket$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names of the table in docs/OPERATIONS.md, which {@code metrics.MetricsIT} compares with the service. */
    private static Set<String> documented() {
        return Markdown.of("docs/OPERATIONS.md").rows().stream()
                .flatMap(row -> NAME.matcher(row.getFirst()).results())
                .map(match -> "code_interpreter_" + match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
