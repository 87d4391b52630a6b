package dev.codeinterpreter.harness;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Where the service under test has its sandboxes: {@code -Dbackend=docker}, which is the default, or kubernetes. With {@code
 * -Ddocker.runtime} the engine starts them with that, with {@code -Ddocker.tls} and {@code -Ddocker.certificates} the service
 * uses that port of the engine of DOCKER_HOST.
 */
public enum Backend {
    DOCKER {
        @Override
        Map<String, String> environment(String run) {
            String label = "--label " + ServiceProcess.LABEL + "=" + run;
            String runtime = System.getProperty("docker.runtime", "");
            String arguments = runtime.isEmpty() ? label : label + " --runtime=" + runtime;
            String port = System.getProperty("docker.tls", "");
            return port.isEmpty()
                    ? Map.of("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", arguments)
                    : Map.of(
                            "PYTHON_EXECUTOR_DOCKER_RUN_ARGS",
                            arguments,
                            "DOCKER_HOST",
                            port,
                            "DOCKER_TLS_VERIFY",
                            "1",
                            "DOCKER_CERT_PATH",
                            System.getProperty("docker.certificates", ""));
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
