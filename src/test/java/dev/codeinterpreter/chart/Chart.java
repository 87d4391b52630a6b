package dev.codeinterpreter.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The chart of this repository. */
final class Chart {
    static final Path DIRECTORY = Path.of("charts/code-interpreter").toAbsolutePath();

    private Chart() {}

    /** Values as people would have them, each file another way to run the service. */
    static Stream<Path> valueFiles() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("ci"))) {
            return files.sorted().toList().stream();
        }
    }

    static Helm helm() {
        return new Helm(DIRECTORY);
    }

    static List<GenericKubernetesResource> rendered(Path values) {
        return resources(helm().template()
                .withName("ci")
                .withNamespace("here")
                .withKubeVersion("1.30.0")
                .withValuesFile(values)
                .call());
    }

    /** @param values by their paths, as {@code helm --set} has them */
    static List<GenericKubernetesResource> rendered(Map<String, Object> values) {
        TemplateCommand template =
                helm().template().withName("ci").withNamespace("here").withKubeVersion("1.30.0");
        values.forEach(template::set);
        return resources(template.call());
    }

    static List<GenericKubernetesResource> resources(String yaml) {
        return Arrays.stream(yaml.split("(?m)^---\\s*$"))
                .filter(document -> document.lines().anyMatch(line -> line.startsWith("kind:")))
                .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                .toList();
    }
}
