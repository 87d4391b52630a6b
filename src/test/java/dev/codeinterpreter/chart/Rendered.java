package dev.codeinterpreter.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the chart renders of some values, the pod of helm test included, and what stands at a place in it. */
record Rendered(List<Map<String, Object>> objects) {

    /** @param values YAML */
    static Rendered with(String values) {
        Path file = temporary("values", ".yaml");
        try {
            Files.writeString(file, values);
            String yaml = WithHooks.HELM
                    .template()
                    .withName("ci")
                    .withNamespace("here")
                    .withKubeVersion("1.30.0")
                    .withValuesFile(file)
                    .call();
            return new Rendered(
                    Chart.resources(yaml).stream().map(Rendered::asMap).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param kind of the object, and after a slash its name where there are several
     * @param path keys and indexes separated by blanks
     * @return null when there is nothing
     */
    @Nullable
    Object at(String kind, String path) {
        String[] parts = kind.split("/", 2);
        List<Map<String, Object>> found = objects.stream()
                .filter(object -> parts[0].equals(object.get("kind")))
                .filter(object -> parts.length == 1 || parts[1].equals(name(object)))
                .toList();
        assertThat(found).as(kind).hasSizeLessThan(2);
        Object place = found.isEmpty() ? null : found.getFirst();
        for (String step : path.split(" ", -1)) {
            place = switch (place) {
                case Map<?, ?> map -> map.get(step);
                case List<?> list when Integer.parseInt(step) < list.size() -> list.get(Integer.parseInt(step));
                case null, default -> null;
            };
        }
        return place;
    }

    /** A variable of the service's, its text or where it comes from; null when it is not set. */
    @Nullable
    Object environment(String name) {
        List<?> variables = (List<?>) requireNonNull(at("Deployment", "spec template spec containers 0 env"));
        List<Map<?, ?>> found = Stream.of(variables.toArray())
                .<Map<?, ?>>map(variable -> (Map<?, ?>) variable)
                .filter(variable -> name.equals(variable.get("name")))
                .toList();
        assertThat(found).as(name).hasSizeLessThan(2);
        if (found.isEmpty()) {
            return null;
        }
        Map<?, ?> variable = found.getFirst();
        return variable.containsKey("value") ? variable.get("value") : variable.get("valueFrom");
    }

    private static Object name(Map<String, Object> object) {
        return requireNonNull(((Map<?, ?>) requireNonNull(object.get("metadata"))).get("name"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(GenericKubernetesResource resource) {
        return Serialization.unmarshal(Serialization.asYaml(resource), Map.class);
    }

    /** A template shows no hooks, so the chart is copied with that one no longer being one. */
    private static final class WithHooks {
        static final Helm HELM = new Helm(copy());

        private static Path copy() {
            Path copy = temporary("chart", "");
            try (Stream<Path> files = Files.walk(Chart.DIRECTORY)) {
                Files.delete(copy);
                for (Path file : files.toList()) {
                    Path target = copy.resolve(Chart.DIRECTORY.relativize(file).toString());
                    Files.copy(file, target);
                    target.toFile().deleteOnExit();
                }
                Path test = copy.resolve("templates/tests/run.yaml");
                Files.writeString(test, Files.readString(test).replace("helm.sh/hook", "example.com/hook"));
                return copy;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Path temporary(String prefix, String suffix) {
        try {
            Path file = Files.createTempFile(prefix, suffix);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
