package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The chart's page has every value with its default and its comment. {@code dev/manifests} writes it. */
class ChartReadmeTest {
    private static final Path FILE = Path.of("charts/code-interpreter/README.md");
    private static final String HEAD = """
            # The chart of the code interpreter

            Made from `values.yaml` by `dev/manifests`. It needs Kubernetes 1.20 and Helm 3.8 or later, and both images where the
            cluster finds them:

            ```sh
            helm install ci charts/code-interpreter --namespace code-interpreter --create-namespace \\
              --set image.repository=registry/code-interpreter --set codeInterpreter.kubernetesExecutor.image=registry/code-interpreter-executor:1
            ```

            The values are those of Onyx's chart, which keep working, and more. A value that is not in this table is refused, and so
            is one value under two names. [docs/KUBERNETES.md](../../docs/KUBERNETES.md) says what the pods do,
            [docs/CONFIGURATION.md](../../docs/CONFIGURATION.md) what the settings mean.

            | value | default | |
            |---|---|---|
            """;

    @Test
    void isCurrent() throws IOException {
        String made = HEAD
                + ChartValues.read().stream()
                        .filter(value -> value.isLeaf() || !value.comment().isEmpty())
                        .map(ChartReadmeTest::row)
                        .collect(Collectors.joining());
        if (Boolean.getBoolean("manifests.write")) {
            Files.writeString(FILE, made);
        }
        assertThat(Files.readString(FILE)).isEqualTo(made);
    }

    private static String row(ChartValues.Value value) {
        String name = value.isLeaf() ? "`%s`".formatted(value.path()) : "**%s**".formatted(value.path());
        boolean hasDefault = value.isLeaf() && value.defaultValue() != null && !"".equals(value.defaultValue());
        String text = hasDefault ? "`%s`".formatted(Serialization.asJson(value.defaultValue())) : "";
        return "| %s | %s | %s |%n".formatted(name, text, value.comment());
    }
}
