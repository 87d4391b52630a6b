package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The manifests for people without Helm are what the chart renders. {@code dev/manifests} writes them. */
class PlainManifestsTest {
    private static final Path FILE = Path.of("k8s/code-interpreter.yaml");
    private static final String HEADER = """
            # Made from the chart by dev/manifests. Everything goes into the namespace code-interpreter:
            #   kubectl apply -f k8s/code-interpreter.yaml
            ---
            apiVersion: v1
            kind: Namespace
            metadata:
              name: code-interpreter
              labels:
                pod-security.kubernetes.io/enforce: restricted
            """;

    @Test
    void areCurrent() throws IOException {
        String rendered = HEADER
                + Chart.helm()
                        .template()
                        .withName("code-interpreter")
                        .withNamespace("code-interpreter")
                        .withKubeVersion("1.30.0")
                        .set("test.enabled", false)
                        .call();
        if (Boolean.getBoolean("manifests.write")) {
            Files.writeString(FILE, rendered);
        }
        assertThat(Files.readString(FILE)).isEqualTo(rendered);
    }
}
