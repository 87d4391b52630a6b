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
    private final PodApi api;
    private final PodWatch watch;
    private final ClusterTimings.Removals timings;

    PodDeleter(PodApi api, PodWatch watch, ClusterTimings.Removals timings) {
        this.api = api;
        this.watch = watch;
        this.timings = timings;
    }

    /**
     * Of the pods that have ended by themselves, which Kubernetes keeps: one that a service of ours launched ends with the
     * service.
     */
    OrphanReaper reaper() {
        return new OrphanReaper("kubernetes", timings.scan(), this::ended, name -> awaitGone(name, timings.orphan()));
    }

    private Set<String> ended() throws BackendException {
        return api.list().stream()
                .filter(PodState::hasEnded)
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    /** Asks for a pod's end and does not wait for it. */
    void request(String name) throws BackendException {
        api.delete(name, timings.grace());
    }

    /** @return whether it is confirmed that the pod is gone, as its owner waits for it */
    boolean awaitGone(String name) {
        return awaitGone(name, timings.confirm());
    }

    private boolean awaitGone(String name, Duration timeout) {
        try (PodObserver pod = watch.follow(name)) {
            boolean _ = pod.hasWithin(now -> !PodState.isUnreported(now), timings.firstReport());
            request(name);
            if (pod.hasWithin(PodState::hasEnded, timeout) || isForgotten(name)) {
                api.delete(name, Duration.ZERO);
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
