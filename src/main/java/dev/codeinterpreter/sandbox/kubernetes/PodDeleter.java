package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.SandboxId;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deletes pods so that "deleted" means ended. First one is asked to end; when the node has confirmed that no process is left,
 * what remains of it in the API is deleted without further ado: some kubelets need 10 s more for that alone.
 *
 * <p>In the background it goes on with what is not confirmed in time, and with pods that have ended by themselves, which
 * Kubernetes keeps: one that a service of ours launched ends with the service.
 */
final class PodDeleter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PodDeleter.class.getName());

    private final PodApi api;
    private final PodWatch watch;
    private final ClusterTimings.Removals timings;
    private final OrphanReaper orphans;

    PodDeleter(PodApi api, PodWatch watch, ClusterTimings.Removals timings) {
        this.api = api;
        this.watch = watch;
        this.timings = timings;
        this.orphans = new OrphanReaper(
                "kubernetes", timings.scan(), this::ended, name -> isGoneWithin(name, timings.orphan()));
    }

    /** Asks for a pod's end and leaves the rest to the background. */
    void abandon(SandboxId id) {
        try {
            request(id.value());
        } catch (BackendException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot delete " + id + " now", e);
        }
        orphans.add(id);
    }

    /** Returns when it is confirmed that a pod is gone, or has taken too long: then the background goes on with it. */
    void remove(SandboxId id) {
        if (!isGoneWithin(id.value(), timings.confirm())) {
            orphans.add(id);
        }
    }

    @Override
    public void close() {
        orphans.close();
    }

    private Set<String> ended() throws BackendException {
        return api.list().stream()
                .filter(PodState::hasEnded)
                .map(pod -> pod.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    private void request(String name) throws BackendException {
        api.delete(name, timings.grace());
    }

    private boolean isGoneWithin(String name, Duration timeout) {
        try (PodWatch.Observer pod = watch.follow(name)) {
            boolean _ = pod.hasWithin(now -> !PodState.isUnreported(now), timings.firstReport());
            request(name);
            if (pod.hasWithin(PodState::hasEnded, timeout) || isForgotten(name)) {
                api.delete(name, Duration.ZERO);
                return true;
            }
            return false;
        } catch (BackendException e) {
            LOG.log(System.Logger.Level.DEBUG, "removing " + name, e);
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
