package dev.codeinterpreter.harness;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Where the service under test has its sandboxes: {@code -Dbackend=docker}, which is the default, or kubernetes. */
public enum Backend {
    DOCKER {
        @Override
        Map<String, String> environment(String run) {
            return Map.of("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--label " + ServiceProcess.LABEL + "=" + run);
        }

        @Override
        public Map<String, String> nowhere() {
            return Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock");
        }
    },
    KUBERNETES {
        @Override
        Map<String, String> environment(String run) {
            return Map.of(
                    "EXECUTOR_BACKEND",
                    "kubernetes",
                    "KUBECONFIG",
                    Objects.requireNonNull(System.getenv("KUBECONFIG"), "KUBECONFIG is not set, see dev/cluster"),
                    "KUBERNETES_EXECUTOR_NAMESPACE",
                    KubernetesEngine.NAMESPACE,
                    "KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY",
                    "IfNotPresent",
                    "KUBERNETES_EXECUTOR_POD_OVERRIDES",
                    "{\"labels\": {\"%s\": \"%s\"}}".formatted(ServiceProcess.LABEL, run),
                    // A small node has room for two test classes at once.
                    "KUBERNETES_EXECUTOR_POD_RESOURCES",
                    "{\"requests\": {\"cpu\": \"20m\"}}");
        }

        @Override
        public Map<String, String> nowhere() {
            return Map.of("KUBECONFIG", "/nowhere/kubeconfig");
        }
    };

    public static Backend current() {
        return valueOf(System.getProperty("backend", "docker").toUpperCase(Locale.ROOT));
    }

    /** What a service needs in order to use it, and so that its sandboxes are known by {@code run}. */
    abstract Map<String, String> environment(String run);

    /** What a service needs in order to find no engine. */
    public abstract Map<String, String> nowhere();
}
