package dev.codeinterpreter.chart;

import dev.codeinterpreter.harness.Await;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** An ordinary pod with Python, for what has to be done inside a cluster: nothing of a sandbox's locks. */
final class ClientPod {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private final PodResource pod;

    private ClientPod(PodResource pod) {
        this.pod = pod;
    }

    static ClientPod run(InstalledChart chart, String name, String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-u", "-c", script));
        command.addAll(List.of(arguments));
        KubernetesClient cluster = chart.cluster();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(chart.namespace())
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName("python")
                .withImage("code-interpreter-executor:latest")
                .withImagePullPolicy("IfNotPresent")
                .withEnv(new EnvVar("PYTHONUNBUFFERED", "1", null))
                .withCommand(command)
                // As a machine's own programs: the test wants to know what can be reached without our locks.
                .withNewSecurityContext()
                .withRunAsUser(0L)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
        cluster.resource(pod).create();
        ClientPod client =
                new ClientPod(cluster.pods().inNamespace(chart.namespace()).withName(name));
        Await.until(name + " that runs", TIMEOUT, () -> !client.phase().equals("Pending"));
        return client;
    }

    /** A file beside this class. */
    static String script(String name) {
        try (InputStream in = Objects.requireNonNull(ClientPod.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String address() {
        return pod.get().getStatus().getPodIP();
    }

    String log() {
        return pod.getLog();
    }

    void awaitLine(String line) {
        Await.until(line, TIMEOUT, () -> log().lines().anyMatch(line::equals));
    }

    /** The last line of a program that has ended well. */
    String result() {
        Await.until("the end of a program", TIMEOUT, () -> !phase().equals("Running"));
        if (!phase().equals("Succeeded")) {
            throw new AssertionError(log());
        }
        return log().lines().reduce("", (_, last) -> last);
    }

    private String phase() {
        return pod.get().getStatus().getPhase();
    }
}
