package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that the chart has, by its schema, their defaults and their comments in values.yaml. */
final class ChartValues {
    private final List<Value> all = new ArrayList<>();
    private final Map<?, ?> defaults = yaml(Files.readString(Chart.DIRECTORY.resolve("values.yaml")));
    private final List<String> lines = Files.readAllLines(Chart.DIRECTORY.resolve("values.yaml"));

    /**
     * @param path such as {@code image.tag}
     * @param isLeaf whether it has no values below it that the schema knows by name
     */
    record Value(String path, boolean isLeaf, @Nullable Object defaultValue, String comment) {}

    private ChartValues() throws IOException {
        Map<?, ?> schema = yaml(Files.readString(Chart.DIRECTORY.resolve("values.schema.json")));
        add("", schema, defaults);
    }

    static List<Value> read() {
        try {
            return List.copyOf(new ChartValues().all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Paths of everything in {@code values} that is no object, or an object that the schema has no names for. */
    static List<String> leaves(Map<?, ?> values) {
        List<String> known = read().stream()
                .filter(value -> !value.isLeaf())
                .map(Value::path)
                .toList();
        List<String> leaves = new ArrayList<>();
        addLeaves("", values, known, leaves);
        return leaves;
    }

    static Map<?, ?> yaml(String text) {
        return (Map<?, ?>) requireNonNull(value(text));
    }

    /** Of YAML, which begins so that it is not taken for JSON when it begins with a brace. */
    static @Nullable Object value(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, Object.class);
    }

    private void add(String prefix, Map<?, ?> schema, Map<?, ?> values) {
        Map<?, ?> properties = properties(schema);
        // In the order of values.yaml, and then whatever it lacks.
        List<Object> keys = new ArrayList<>(values.keySet());
        properties.keySet().stream().filter(key -> !keys.contains(key)).forEach(keys::add);
        for (Object key : keys) {
            String path = prefix + key;
            Map<?, ?> below = properties.get(key) instanceof Map<?, ?> map ? map : Map.of();
            boolean isLeaf =
                    properties(below).isEmpty() || !(values.get(key) instanceof Map<?, ?> map && !map.isEmpty());
            all.add(new Value(path, isLeaf, values.get(key), comment(path)));
            if (!isLeaf) {
                add(path + ".", below, (Map<?, ?>) requireNonNull(values.get(key)));
            }
        }
    }

    /** Of an object, or of the object that is one of several types. */
    private static Map<?, ?> properties(Map<?, ?> schema) {
        if (schema.get("oneOf") instanceof List<?> types) {
            return properties((Map<?, ?>) types.getLast());
        }
        return schema.get("properties") instanceof Map<?, ?> map ? map : Map.of();
    }

    /** The comment lines right above a key, as one. */
    private String comment(String path) {
        List<String> keys = List.of(path.split("\\."));
        int line = 0;
        for (int depth = 0; depth < keys.size(); depth++) {
            String start = "  ".repeat(depth) + keys.get(depth) + ":";
            while (line < lines.size()
                    && !(lines.get(line).equals(start) || lines.get(line).startsWith(start + " "))) {
                line++;
            }
        }
        List<String> comment = new ArrayList<>();
        for (int above = line - 1; above >= 0 && lines.get(above).strip().startsWith("#"); above--) {
            comment.addFirst(lines.get(above).strip().substring(1).strip());
        }
        return String.join(" ", comment);
    }

    private static void addLeaves(String prefix, Map<?, ?> values, List<String> known, List<String> leaves) {
        values.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> map && known.contains(path)) {
                addLeaves(path + ".", map, known, leaves);
            } else {
                leaves.add(path);
            }
        });
    }
}
