package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.sandbox.SessionGuard;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesConfigTest {

    @Test
    void hasDefaults() {
        assertThat(config(Map.of()))
                .isEqualTo(new KubernetesConfig(
                        "default",
                        "code-interpreter-executor:latest",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Duration.ofSeconds(30),
                        List.of(),
                        PodUser.DEFAULT,
                        true,
                        SessionGuard.LANDLOCK,
                        PodOverrides.NONE,
                        PodResources.DEFAULT,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        new KubernetesConfig.Owners(Optional.empty(), Optional.empty())));
    }

    @Test
    void readsEveryVariable() {
        Map<String, String> variables = Map.ofEntries(
                Map.entry("KUBERNETES_EXECUTOR_NAMESPACE", "sandboxes"),
                Map.entry("KUBERNETES_EXECUTOR_IMAGE", "registry:5000/executor@sha256:" + "0".repeat(64)),
                Map.entry("KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY", "Never"),
                Map.entry("KUBERNETES_EXECUTOR_SERVICE_ACCOUNT", "nobody"),
                Map.entry("KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN", "True"),
                Map.entry("KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC", "90"),
                Map.entry("KUBERNETES_EXECUTOR_IMAGE_PULL_SECRETS", "registry, mirror,registry,"),
                Map.entry("KUBERNETES_EXECUTOR_RUN_AS_USER", "1000"),
                Map.entry("KUBERNETES_EXECUTOR_RUN_AS_GROUP", "0"),
                Map.entry("KUBERNETES_EXECUTOR_FS_GROUP", "3000"),
                Map.entry("KUBERNETES_EXECUTOR_READ_ONLY_ROOT_FILESYSTEM", "false"),
                Map.entry("KUBERNETES_EXECUTOR_SESSIONS_WITHOUT_LANDLOCK", "true"),
                Map.entry("KUBERNETES_EXECUTOR_POD_OVERRIDES", "{\"labels\": {\"a\": \"b\"}}"),
                Map.entry("KUBERNETES_EXECUTOR_POD_RESOURCES", "{\"limits\": {\"cpu\": 2}}"),
                Map.entry("KUBERNETES_EXECUTOR_WORKSPACE_SIZE_LIMIT", "100Mi"),
                Map.entry("KUBERNETES_EXECUTOR_TMP_SIZE_LIMIT", "10M"),
                Map.entry("KUBERNETES_OWN_NAMESPACE", "sandboxes"),
                Map.entry("KUBERNETES_OWNER_DEPLOYMENT_NAME", "service"),
                Map.entry("POD_NAME", "service-0"),
                Map.entry("POD_UID", "1-2"));
        assertThat(config(variables))
                .isEqualTo(new KubernetesConfig(
                        "sandboxes",
                        "registry:5000/executor@sha256:" + "0".repeat(64),
                        Optional.of("Never"),
                        Optional.of("nobody"),
                        true,
                        Duration.ofSeconds(90),
                        List.of("registry", "mirror"),
                        new PodUser(PodUser.Id.fixed(1000), PodUser.Id.fixed(0), PodUser.Id.fixed(3000)),
                        false,
                        SessionGuard.LANDLOCK_IF_AVAILABLE,
                        PodOverrides.parse("{\"labels\": {\"a\": \"b\"}}"),
                        PodResources.parse("{\"limits\": {\"cpu\": 2}}"),
                        OptionalLong.of(100 << 20),
                        OptionalLong.of(10_000_000),
                        new KubernetesConfig.Owners(
                                Optional.of(new PodSpecs.Owner("v1", "Pod", "service-0", "1-2")),
                                Optional.of("service"))));
    }

    @Test
    void ownsNothingInAnotherNamespace() {
        assertThat(config(Map.of(
                                "KUBERNETES_OWN_NAMESPACE", "elsewhere",
                                "KUBERNETES_OWNER_DEPLOYMENT_NAME", "service",
                                "POD_NAME", "service-0",
                                "POD_UID", "1-2"))
                        .owners())
                .isEqualTo(new KubernetesConfig.Owners(Optional.empty(), Optional.empty()));
    }

    @Test
    void mergesResourcesOverOurs() {
        PodResources resources =
                PodResources.parse("{\"requests\": {\"cpu\": \"50m\", \"ephemeral-storage\": null}, \"limits\": {}}");
        assertThat(resources.requests()).isEqualTo(Map.of("cpu", new Quantity("50m"), "memory", new Quantity("64Mi")));
        assertThat(resources.limits()).isEqualTo(PodResources.DEFAULT.limits());
    }

    /** As Onyx's chart sends them when nothing is set. */
    @Test
    void takesEmptyOverridesForNone() {
        assertThat(PodOverrides.parse("""
                        {"nodeSelector": {}, "tolerations": [], "affinity": {}, "topologySpreadConstraints": [],
                         "priorityClassName": "", "runtimeClassName": null, "labels": {}, "annotations": {}}
                        """).scheduling()).satisfies(scheduling -> {
            assertThat(scheduling.getPriorityClassName()).isNull();
            assertThat(scheduling.getRuntimeClassName()).isNull();
            assertThat(scheduling.getTolerations()).isEmpty();
        });
        assertThat(PodResources.parse("{\"limits\": {\"memory\": null}}")).isEqualTo(PodResources.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "KUBERNETES_EXECUTOR_NAMESPACE|Not_A_Name|must be a namespace's name, not 'Not_A_Name'",
                "KUBERNETES_EXECUTOR_IMAGE|two words|must be an image name",
                "KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY|always|must be Always, IfNotPresent or Never, not 'always'",
                "KUBERNETES_EXECUTOR_IMAGE_PULL_SECRETS|a,B|must be names of Secrets separated by commas, not 'a,B'",
                "KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN|perhaps|must be true or false, not 'perhaps'",
                "KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC|0|must be a number from 1 to 600, not '0'",
                "KUBERNETES_EXECUTOR_RUN_AS_USER|0|must be a whole number from 1 to 2147483647, not '0'",
                "KUBERNETES_EXECUTOR_RUN_AS_GROUP|x|must be a whole number from 0 to 2147483647, not 'x'",
                "KUBERNETES_EXECUTOR_WORKSPACE_SIZE_LIMIT|big|must be a size",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|[]|it is not a JSON object",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|{\"hostNetwork\": true}|hostNetwork cannot be set",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|{\"tolerations\": 5}|a field is not what a pod has by that name",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|{\"labels\": {\"code-interpreter.role\": \"x\"}}|is set by the service",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|{\"labels\": {\"a b\": \"x\"}}|'a b' is not a key",
                "KUBERNETES_EXECUTOR_POD_OVERRIDES|{\"labels\": {\"a\": \"x y\"}}|'x y' is not a label's value",
                "KUBERNETES_EXECUTOR_POD_RESOURCES|{\"limits\": {\"memory\": \"1Gi\"}}|limits.memory cannot be set",
                "KUBERNETES_EXECUTOR_POD_RESOURCES|{\"limits\": {\"gpu\": 1}}|limits.gpu cannot be set",
                "KUBERNETES_EXECUTOR_POD_RESOURCES|{\"limits\": {\"cpu\": \"fast\"}}|limits.cpu is not a quantity",
                "KUBERNETES_EXECUTOR_POD_RESOURCES|{\"limits\": {\"cpu\": 0}}|limits.cpu is not more than nothing",
                "KUBERNETES_EXECUTOR_POD_RESOURCES|{\"requests\": {\"cpu\": 2}, \"limits\": {\"cpu\": 1}}|is more than",
            })
    void namesTheVariableThatIsWrong(String variable, String value, String complaint) {
        assertThatThrownBy(() -> config(Map.of(variable, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(variable)
                .hasMessageContaining(complaint);
    }

    private static KubernetesConfig config(Map<String, String> variables) {
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        KubernetesConfig config = KubernetesConfig.from(settings);
        settings.verify();
        return config;
    }
}
