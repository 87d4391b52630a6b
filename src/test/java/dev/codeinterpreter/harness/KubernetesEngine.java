package dev.codeinterpreter.harness;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Pods of a cluster, in a namespace for all tests of this process. */
final class KubernetesEngine implements Engine {
    static final String NAMESPACE = "ci-" + UUID.randomUUID();

    /** Beyond what a test gives the engine: a node reports once a second, and pods have their own pace. */
    private static final Duration PACE = Duration.ofSeconds(15);

    /** Says a line whenever a process was started beside it: their numbers are never given twice. */
    private static final String FOREIGN_COMMAND = """
            import time
            last = lambda: open("/proc/loadavg").read().split()[-1]
            before = last()
            while True:
                time.sleep(0.02)
                now = last()
                if now != before:
                    print("exec", flush=True)
                before = now
            """;

    private static final String EXPIRES_AT = "code-interpreter.expires-at";

    private static final KubernetesClient CLUSTER = connect();
    private static final Map<String, Set<String>> LAUNCHED = new ConcurrentHashMap<>();

    private final String run;

    KubernetesEngine(String run) {
        this.run = run;
    }

    private static KubernetesClient connect() {
        Janitor.watchNamespace(NAMESPACE);
        KubernetesClient client = new KubernetesClientBuilder().build();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        Await.until(
                "a service account",
                PACE,
                () -> client.serviceAccounts()
                                .inNamespace(NAMESPACE)
                                .withName("default")
                                .get()
                        != null);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> client.namespaces().withName(NAMESPACE).delete()));
        client.pods().inNamespace(NAMESPACE).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                String label = pod.getMetadata().getLabels().get(ServiceProcess.LABEL);
                if (label != null && pod.getMetadata().getLabels().containsKey("code-interpreter.instance")) {
                    LAUNCHED.computeIfAbsent(label, _ -> ConcurrentHashMap.newKeySet())
                            .add(pod.getMetadata().getName());
                }
            }

            @Override
            public void onUpdate(Pod before, Pod now) {}

            @Override
            public void onDelete(Pod pod, boolean unknown) {}
        });
        return client;
    }

    /** A memory-backed emptyDir has its size since 1.22. */
    @Override
    public boolean boundsDisks() {
        String minor = CLUSTER.getKubernetesVersion().getMinor().replaceAll("\\D", "");
        return Integer.parseInt(minor) >= 22;
    }

    @Override
    public List<String> sandboxes() {
        return pods().stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    @Override
    public List<String> alive() {
        return pods().stream()
                .filter(KubernetesEngine::isAlive)
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    @Override
    public int running() {
        return (int) pods().stream().filter(KubernetesEngine::isRunning).count();
    }

    @Override
    public Duration pace() {
        return PACE;
    }

    @Override
    public String awaitRunning(Duration bound) {
        return Await.value(
                "a running sandbox",
                bound.plus(PACE),
                () -> pods().stream()
                        .filter(KubernetesEngine::isRunning)
                        .map(pod -> pod.getMetadata().getName())
                        .findFirst());
    }

    @Override
    public String settings(String sandbox) {
        return PodSettings.text(pod(sandbox).get());
    }

    @Override
    public List<String> openLocks(String sandbox) {
        return PodSettings.openLocks(pod(sandbox).get());
    }

    @Override
    public void kill(String sandbox) {
        pod(sandbox).withGracePeriod(1).delete();
    }

    @Override
    public void runForeign(String name, Map<String, String> labels) {
        // What is no label by nature is an annotation here.
        Map<String, String> rest = new TreeMap<>(labels);
        Map<String, String> annotations = new TreeMap<>();
        Optional.ofNullable(rest.remove(EXPIRES_AT)).ifPresent(value -> annotations.put(EXPIRES_AT, value));
        CLUSTER.pods()
                .inNamespace(NAMESPACE)
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(rest)
                        .withAnnotations(annotations)
                        .addToLabels(ServiceProcess.LABEL, run)
                        .endMetadata()
                        .withNewSpec()
                        .withTerminationGracePeriodSeconds(1L)
                        .addNewContainer()
                        .withName("sandbox")
                        .withImage("code-interpreter-executor:latest")
                        .withImagePullPolicy("IfNotPresent")
                        .withCommand("python3", "-c", FOREIGN_COMMAND)
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        Await.until(name + " that runs", PACE, () -> isRunning(name));
    }

    @Override
    public boolean isRunning(String container) {
        Pod pod = pod(container).get();
        return pod != null && isRunning(pod);
    }

    @Override
    public long execs(String container) {
        return pod(container).getLog().lines().count();
    }

    @Override
    public void remove(String container) {
        pod(container).withGracePeriod(0).delete();
    }

    @Override
    public long launches() {
        return LAUNCHED.getOrDefault(run, Set.of()).size();
    }

    private static boolean isRunning(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus().getContainerStatuses().stream()
                        .anyMatch(status -> status.getState().getRunning() != null);
    }

    /** Some process of it may still run. */
    private static boolean isAlive(Pod pod) {
        String phase = pod.getStatus().getPhase();
        return !"Succeeded".equals(phase)
                && !"Failed".equals(phase)
                && (pod.getStatus().getContainerStatuses().isEmpty()
                        || pod.getStatus().getContainerStatuses().stream()
                                .anyMatch(status -> status.getState().getTerminated() == null));
    }

    private List<Pod> pods() {
        return CLUSTER.pods()
                .inNamespace(NAMESPACE)
                .withLabel("code-interpreter.component", "sandbox")
                .withLabel(ServiceProcess.LABEL, run)
                .list()
                .getItems();
    }

    private static PodResource pod(String name) {
        return CLUSTER.pods().inNamespace(NAMESPACE).withName(name);
    }
}
