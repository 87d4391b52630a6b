package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.PeriodicTask;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Pods that somebody still has to delete: those whose removal the cluster did not confirm, and those that have ended by
 * themselves, which Kubernetes keeps. A pod that a service of ours launched ends with the service; the name and the record
 * are what is left.
 */
final class OrphanReaper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OrphanReaper.class.getName());
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** What is over in two scans in a row, its owner has not taken away. */
    private static final Duration SCAN_PERIOD = Duration.ofSeconds(10);

    /** For each pod and try; whatever needs longer is tried again. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final PodApi api;
    private final Set<String> unconfirmed = ConcurrentHashMap.newKeySet();
    private final PeriodicTask retries;
    private final PeriodicTask scans;
    private Set<String> overLastTime = Set.of();

    OrphanReaper(PodApi api, PodDeleter removal) {
        this.api = api;
        this.retries = PeriodicTask.every(
                RETRY,
                "kubernetes-orphans-retry",
                () -> unconfirmed.removeIf(name -> removal.isGoneWithin(name, TIMEOUT)));
        this.scans = PeriodicTask.nowAndEvery(SCAN_PERIOD, "kubernetes-orphan-scan", this::look);
    }

    void add(SandboxId id) {
        LOG.log(System.Logger.Level.DEBUG, "removal of {0} is not confirmed, trying again in the background", id);
        unconfirmed.add(id.value());
    }

    @Override
    public void close() {
        scans.close();
        retries.close();
    }

    private void look() {
        Set<String> over;
        try {
            over = api.list().stream()
                    .filter(PodState::hasEnded)
                    .map(pod -> pod.getMetadata().getName())
                    .collect(Collectors.toSet());
        } catch (ApiException e) {
            // The health check says that the API is down; here it only means to look again later.
            LOG.log(System.Logger.Level.DEBUG, "cannot look for leftovers", e);
            return;
        }
        Set<String> stale = new HashSet<>(over);
        stale.retainAll(overLastTime);
        unconfirmed.addAll(stale);
        overLastTime = over;
    }
}
