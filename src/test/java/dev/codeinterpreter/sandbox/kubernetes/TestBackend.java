package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.sandbox.ResourceLimits;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Backends as the service makes them, from variables. */
final class TestBackend {
    private TestBackend() {}

    static KubernetesBackend in(String namespace, Map<String, String> variables) {
        Map<String, String> defaults = Map.of(
                "KUBERNETES_EXECUTOR_NAMESPACE", namespace, "KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY", "IfNotPresent");
        Settings settings = new Settings(
                name -> Optional.ofNullable(variables.get(name)).or(() -> Optional.ofNullable(defaults.get(name))));
        KubernetesBackend made = new KubernetesBackend(settings, ResourceLimits.from(settings), Clock.systemUTC());
        settings.verify();
        return made;
    }
}
