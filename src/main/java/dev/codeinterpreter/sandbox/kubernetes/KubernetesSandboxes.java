package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSummary;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sandboxes in the cluster, of all services. What they are is in their labels and annotations and nowhere else, so
 * any process of ours serves any session. A pod is ours by its labels, never by its name alone.
 */
final class KubernetesSandboxes {
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final PodDeleter removal;
    private final Duration ending;

    /** @param ending how long a session that is just ending may need to be known as ended */
    KubernetesSandboxes(PodApi api, PodWatch watch, ExecClient exec, PodDeleter removal, Duration ending) {
        this.api = api;
        this.watch = watch;
        this.exec = exec;
        this.removal = removal;
        this.ending = ending;
    }

    Optional<SandboxChannel> connect(SandboxId id, String tenantLabel, List<String> command) throws BackendException {
        if (!id.isSession() || !isRunning(id, tenantLabel)) {
            return Optional.empty();
        }
        try {
            return Optional.of(exec.start(watch.follow(id.value()), command));
        } catch (BackendException e) {
            if (!e.isUnreachable() && awaitGone(id, ending)) {
                // It ended since we looked.
                return Optional.empty();
            }
            throw e;
        }
    }

    boolean remove(SandboxId id, String tenantLabel) throws BackendException {
        if (!isRunning(id, tenantLabel)) {
            return false;
        }
        new KubernetesSandbox(id, removal).close();
        return true;
    }

    List<SandboxSummary> list() throws BackendException {
        List<SandboxSummary> sandboxes = new ArrayList<>();
        for (Pod pod : api.list()) {
            SandboxId.parse(pod.getMetadata().getName())
                    .filter(id -> isOurs(id, pod) && PodState.isAlive(pod))
                    .flatMap(id -> expiry(pod)
                            .map(end -> new SandboxSummary(
                                    id, SandboxLabels.tenantOf(pod.getMetadata().getLabels()), end)))
                    .ifPresent(sandboxes::add);
        }
        return sandboxes;
    }

    boolean awaitGone(SandboxId id, Duration timeout) {
        try (PodWatch.Observer pod = watch.follow(id.value())) {
            Optional<Pod> now = api.get(id.value());
            pod.update(now.orElse(null));
            return pod.hasWithin(last -> !PodState.isAlive(last), timeout);
        } catch (BackendException e) {
            return false;
        }
    }

    private boolean isRunning(SandboxId id, String tenantLabel) throws BackendException {
        return api.get(id.value())
                .filter(pod ->
                        SandboxLabels.match(id, tenantLabel, pod.getMetadata().getLabels()) && PodState.isAlive(pod))
                .isPresent();
    }

    private static boolean isOurs(SandboxId id, Pod pod) {
        return SandboxLabels.match(id, pod.getMetadata().getLabels());
    }

    private static Optional<Instant> expiry(Pod pod) {
        return SandboxLabels.parseExpiry(pod.getMetadata().getAnnotations().get(SandboxLabels.EXPIRES_AT));
    }
}
