package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ClusterNamespace;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Why a real cluster gives no sandbox: recognised at once, and said to the client. */
@Timeout(60)
class LaunchFailuresClusterIT {
    /** Two seconds are promised; the rest is for a busy machine. */
    private static final Duration PROMPT = Duration.ofSeconds(4);

    private static ClusterNamespace namespace;

    @BeforeAll
    static void create() {
        namespace = ClusterNamespace.create();
    }

    @AfterAll
    static void delete() {
        namespace.close();
    }

    @Test
    void saysThatTheImageIsMissing() {
        withBackend(Map.of("KUBERNETES_EXECUTOR_IMAGE", "127.0.0.1:1/no-such-image"), other -> {
            assertLaunchFails(other, "image missing");
        });
    }

    @Test
    void saysThatNoNodeHasRoom() {
        String overrides = "{\"nodeSelector\": {\"no-such-label\": \"ever\"}}";
        withBackend(Map.of("KUBERNETES_EXECUTOR_POD_OVERRIDES", overrides), other -> {
            assertLaunchFails(other, "unschedulable");
        });
    }

    @Test
    void saysWhatANodeTellsInAnEventAlone() {
        String name = "ci-" + UUID.randomUUID();
        var runtime = namespace.cluster().resource("""
                {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "%s"}, "handler": "no-such"}
                """.formatted(name));
        runtime.create();
        try {
            String overrides = "{\"runtimeClassName\": \"%s\"}".formatted(name);
            withBackend(Map.of("KUBERNETES_EXECUTOR_POD_OVERRIDES", overrides), other -> {
                assertLaunchFails(other, "launch failed");
            });
        } finally {
            runtime.delete();
        }
    }

    @Test
    void saysThatTheQuotaIsUsedUp() {
        try (ClusterNamespace full = ClusterNamespace.create()) {
            full.cluster()
                    .resourceQuotas()
                    .inNamespace(full.name())
                    .resource(new ResourceQuotaBuilder()
                            .withNewMetadata()
                            .withName("none")
                            .endMetadata()
                            .withNewSpec()
                            .withHard(Map.of("pods", new Quantity("0")))
                            .endSpec()
                            .build())
                    .create();
            withBackend(Map.of("KUBERNETES_EXECUTOR_NAMESPACE", full.name()), other -> {
                assertLaunchFails(other, "quota exceeded");
                assertThat(other.check(Duration.ofSeconds(5)).isOk()).isTrue();
            });
        }
    }

    @Test
    void saysThatTheNamespaceIsMissing() {
        withBackend(Map.of("KUBERNETES_EXECUTOR_NAMESPACE", "no-such-namespace"), other -> {
            assertThatThrownBy(() -> other.launch(spec()))
                    .isInstanceOf(ServiceException.class)
                    .hasMessageStartingWith("Executor capacity unavailable (namespace missing): ");
            assertThat(other.check(Duration.ofSeconds(5)).problem())
                    .contains("the namespace no-such-namespace is missing");
        });
    }

    @Test
    void saysWhichPermissionsAreMissing() {
        System.setProperty(Config.KUBERNETES_IMPERSONATE_USERNAME, "nobody");
        try {
            withBackend(Map.of(), other -> {
                assertThat(other.check(Duration.ofSeconds(5)).problem().orElseThrow())
                        .startsWith("the service lacks these permissions in namespace " + namespace.name())
                        .contains("create pods", "watch pods", "get pods/exec");
                assertThatThrownBy(() -> other.launch(spec()))
                        .isInstanceOf(ServiceException.class)
                        .hasMessageStartingWith("Executor capacity unavailable (not permitted): ");
            });
        } finally {
            System.clearProperty(Config.KUBERNETES_IMPERSONATE_USERNAME);
        }
    }

    private interface BackendTest {
        void with(KubernetesBackend backend);
    }

    private static void assertLaunchFails(KubernetesBackend backend, String reason) {
        SandboxSpec spec = spec();
        long start = System.nanoTime();
        assertThatThrownBy(() -> backend.launch(spec))
                .isInstanceOf(ServiceException.class)
                .hasMessageStartingWith("Executor capacity unavailable (%s): ".formatted(reason));
        assertThat(since(start)).isLessThan(PROMPT);
        Await.until(
                "nothing left of it",
                Duration.ofSeconds(20),
                () -> namespace.pod(spec.id().value()).isEmpty());
    }

    private static void withBackend(Map<String, String> variables, BackendTest test) {
        KubernetesBackend other = TestBackend.in(namespace.name(), variables);
        try {
            test.with(other);
        } finally {
            other.close();
        }
    }

    private static SandboxSpec spec() {
        ResourceLimits limits = new ResourceLimits(256L << 20, 64L << 20, 64L << 20, 16L << 20, 64, 1, 5, 24L << 20);
        return new SandboxSpec(
                SandboxId.random(), "default", List.of("cat"), Map.of(), limits, Instant.parse("2100-01-01T00:00:00Z"));
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
