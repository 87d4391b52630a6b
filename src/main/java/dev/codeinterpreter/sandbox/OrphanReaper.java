package dev.codeinterpreter.sandbox;

import dev.codeinterpreter.schedule.PeriodicTask;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Removes in the background what has no owner any more who would: containers or pods whose removal the engine has not
 * confirmed because it was down or hung, and those that are over and that a killed service of ours has left. Nothing runs
 * in them; this is about the names and the disk that they hold. Those of other services of ours are among them.
 */
public final class OrphanReaper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OrphanReaper.class.getName());
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    /**
     * As many as MAX_SESSIONS may be. While an engine is down, each refused run may have left one that it created and did
     * not report; those over the bound are found by the scans, when they exist.
     */
    static final int MAX_UNCONFIRMED = 10_000;

    private final Listing over;
    private final Set<String> unconfirmed = ConcurrentHashMap.newKeySet();
    private final PeriodicTask retries;
    private final PeriodicTask scans;
    /** Of the scanning thread alone. */
    private Set<String> overLastTime = Set.of();

    /** What asks the engine. */
    public interface Listing {
        /** The names of all that are over. */
        Set<String> names() throws BackendException;
    }

    /**
     * @param backend for the names of the threads
     * @param scanPeriod longer than an owner needs: what is over in two scans in a row is removed
     * @param over what is over; when the engine does not answer the next scan asks again
     * @param remove whether it is confirmed that one is gone; tried again every two seconds until then
     */
    public OrphanReaper(String backend, Duration scanPeriod, Listing over, Predicate<String> remove) {
        this(backend, RETRY_PERIOD, scanPeriod, over, remove);
    }

    OrphanReaper(String backend, Duration retryPeriod, Duration scanPeriod, Listing over, Predicate<String> remove) {
        this.over = over;
        this.retries = PeriodicTask.every(retryPeriod, backend + "-orphan-retry", () -> unconfirmed.removeIf(remove));
        this.scans = PeriodicTask.nowAndEvery(scanPeriod, backend + "-orphan-scan", this::scan);
    }

    /** Takes over a removal that was not confirmed, if it has room for it. */
    public void add(SandboxId id) {
        LOG.log(System.Logger.Level.DEBUG, "removal of {0} is not confirmed, trying again in the background", id);
        if (unconfirmed.size() < MAX_UNCONFIRMED) {
            unconfirmed.add(id.value());
        }
    }

    @Override
    public void close() {
        scans.close();
        retries.close();
    }

    private void scan() {
        Set<String> found;
        try {
            found = over.names();
        } catch (BackendException e) {
            // The health check reports that the engine is down.
            LOG.log(System.Logger.Level.DEBUG, "cannot list what is over", e);
            return;
        }
        Set<String> stale = new HashSet<>(found);
        stale.retainAll(overLastTime);
        stale.removeAll(unconfirmed);
        if (!stale.isEmpty()) {
            // Nothing unusual: every session of Kubernetes that ends at its time leaves its pod's record.
            LOG.log(System.Logger.Level.DEBUG, "removing sandboxes that are over: {0}", stale);
            unconfirmed.addAll(stale);
        }
        overLastTime = found;
    }
}
