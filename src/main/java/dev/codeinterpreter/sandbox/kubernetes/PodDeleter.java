package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deletes pods so that "deleted" means ended. First it is asked to end; when the node has confirmed that no process is left,
 * what remains of it in the API is deleted without further ado: some kubelets need 10 s more for that alone.
 */
final class PodDeleter {
    private static final long GRACE_SECONDS = 1;

    /**
     * Nodes report once a second. One that is asked to end a pod whose containers it has never seen running, because they
     * were quicker, may not report on them at all.
     */
    private static final Duration FIRST_REPORT = Duration.ofMillis(1_500);

    /** What is over in two scans in a row, its owner has not deleted. */
    private static final Duration SCAN_PERIOD = Duration.ofSeconds(10);

    /** For each pod and try; what needs longer is tried again. */
    private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(2);

    private final PodApi api;
    private final PodWatch watch;

    PodDeleter(PodApi api, PodWatch watch) {
        this.api = api;
        this.watch = watch;
    }

    /**
     * Of the pods that have ended by themselves, which Kubernetes keeps: one that a service of ours launched ends with the
     * service.
     */
    OrphanReaper reaper() {
        return new OrphanReaper("kubernetes", SCAN_PERIOD, this::ended, name -> awaitGone(name, ORPHAN_TIMEOUT));
    }

    private Set<String> ended() throws BackendException {
        return api.list().stream()
                .filter(PodState::hasEnded)
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    /** Asks for a pod's end and does not wait for it. */
    void request(String name) throws BackendException {
        api.delete(name, GRACE_SECONDS);
    }

    /** @return whether it is confirmed that the pod is gone, within {@code timeout} */
    boolean awaitGone(String name, Duration timeout) {
        try (PodObserver pod = watch.follow(name)) {
            boolean _ = pod.hasWithin(now -> !PodState.isUnreported(now), FIRST_REPORT);
            request(name);
            if (pod.hasWithin(PodState::hasEnded, timeout) || isForgotten(name)) {
                api.delete(name, 0);
                return true;
            }
            return false;
        } catch (BackendException e) {
            System.getLogger(PodDeleter.class.getName()).log(System.Logger.Level.DEBUG, "removing " + name, e);
            return false;
        }
    }

    /** There is nothing in it that could end, and the node lets it lie. */
    private boolean isForgotten(String name) throws BackendException {
        return api.get(name)
                .map(pod -> PodState.isDeleted(pod) && PodState.hasNeverRun(pod))
                .orElse(true);
    }
}
