package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers and truths in quotes, as {@code helm --set-string} and careful YAML have them, do what they do without. */
class QuotedValuesTest {

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.chart.ChartValuesTest#effects")
    void doWhatTheyDoWithoutQuotes(ChartValuesTest.Effect effect) throws IOException {
        Map<?, ?> values = ChartValues.yaml(effect.values());
        Object quoted = quoted(values, schema());
        if (!values.equals(quoted)) {
            Rendered rendered = Rendered.with(Serialization.asJson(quoted));
            assertThat(
                            effect.isVariable()
                                    ? rendered.environment(effect.path())
                                    : rendered.at(effect.kind(), effect.path()))
                    .as(String.valueOf(quoted))
                    .isEqualTo(ChartValues.value(effect.expected()));
        }
    }

    @ParameterizedTest
    @CsvSource({"'{replicaCount: \"2\"}', there would be 2 replicas", "'{rbac: {create: \"no\"}}', create"})
    void areCheckedLikeOthers(String values, String message) {
        assertThatThrownBy(() -> Rendered.with(values)).hasMessageContaining(message);
    }

    @Test
    void theTableHasMany() throws IOException {
        Map<?, ?> schema = schema();
        assertThat(ChartValuesTest.effects().stream()
                        .map(effect -> ChartValues.yaml(effect.values()))
                        .filter(values -> !values.equals(quoted(values, schema))))
                .hasSizeGreaterThan(80);
    }

    private static Map<?, ?> schema() throws IOException {
        return Serialization.unmarshal(Files.readString(Chart.DIRECTORY.resolve("values.schema.json")), Map.class);
    }

    /** {@code value} with every number and truth in quotes that the schema knows for one. */
    private static @Nullable Object quoted(@Nullable Object value, Map<?, ?> schema) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> result = new LinkedHashMap<>();
            map.forEach((key, below) -> result.put(key, quoted(below, below(schema, key))));
            return result;
        }
        boolean isScalar = value instanceof Number || value instanceof Boolean;
        return isScalar && isKnown(schema) ? String.valueOf(value) : value;
    }

    private static Map<?, ?> below(Map<?, ?> schema, Object key) {
        Object object = schema.get("oneOf") instanceof List<?> types ? types.getLast() : schema;
        return object instanceof Map<?, ?> map
                        && map.get("properties") instanceof Map<?, ?> properties
                        && properties.get(key) instanceof Map<?, ?> found
                ? found
                : Map.of();
    }

    private static boolean isKnown(Map<?, ?> schema) {
        return schema.containsKey("enum")
                || (schema.get("type") instanceof List<?> types
                        && (types.contains("integer") || types.contains("number")));
    }
}
