package dev.codeinterpreter.sandbox.kubernetes;

import java.time.Duration;

/**
 * Deletes pods so that "deleted" means ended. First it is asked to end; when the node has confirmed that no process is left,
 * what remains of it in the API is deleted without further ado: some kubelets need 10 s more for that alone.
 */
final class PodDeleter {
    private static final long GRACE_SECONDS = 1;

    /**
     * Nodes report once a second. One that is told to end a pod whose containers it has never seen running, because they
     * were quicker, may not report on them at all.
     */
    private static final Duration FIRST_REPORT = Duration.ofMillis(1_500);

    private final PodApi api;
    private final PodWatch watch;

    PodDeleter(PodApi api, PodWatch watch) {
        this.api = api;
        this.watch = watch;
    }

    /** Asks for a pod's end and does not wait for it. */
    void request(String name) throws ApiException {
        api.delete(name, GRACE_SECONDS);
    }

    /** @return whether it is confirmed that the pod is gone, within {@code timeout} */
    boolean isGoneWithin(String name, Duration timeout) {
        try (PodObserver pod = watch.follow(name)) {
            boolean _ = pod.hasWithin(now -> !PodState.isUnreported(now), FIRST_REPORT);
            request(name);
            if (pod.hasWithin(PodState::hasEnded, timeout) || isForgotten(name)) {
                api.delete(name, 0);
                return true;
            }
            return false;
        } catch (ApiException e) {
            System.getLogger(PodDeleter.class.getName()).log(System.Logger.Level.DEBUG, "removing " + name, e);
            return false;
        }
    }

    /** There is nothing in it that could end, and the node lets it lie. */
    private boolean isForgotten(String name) throws ApiException {
        return api.get(name)
                .map(pod -> PodState.isDeleted(pod) && PodState.hasNeverRun(pod))
                .orElse(true);
    }
}
