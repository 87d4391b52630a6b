package dev.codeinterpreter.pool;

import dev.codeinterpreter.sandbox.SandboxId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The sandboxes that wait for a run or to become a session, and those that are on their way.
 *
 * <p>INVARIANT: {@code this} guards {@code waiting}, {@code launching}, {@code turn} and {@code closed}; of each kind those
 * that wait and those that are launching are no more than its target. A sandbox is in {@code waiting} or somebody's, never
 * both.
 */
final class IdleSandboxes implements AutoCloseable {
    /** Of a sandbox that is to be launched. */
    record Place(Kind kind, SandboxId id) {}

    /** Each so many-th time the last kind comes first. */
    private static final int OTHERS_TURN = 4;

    private final PoolConfig config;
    private final PoolListener listener;
    private final ImportPlan plan;
    private final Supplier<String> tenant;
    private final List<WarmSandbox> waiting = new ArrayList<>();
    private final Set<Place> launching = new HashSet<>();
    /** See {@link #futureSessions}. */
    private final Set<SandboxId> future = ConcurrentHashMap.newKeySet();

    private final ExecutorService closers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("pool-closer-", 0).factory());
    private boolean closed;
    private int turn;

    /** @param tenant whose the next sandbox will be; a session is somebody's, so without one there are none for sessions */
    IdleSandboxes(PoolConfig config, PoolListener listener, ImportPlan plan, Supplier<String> tenant) {
        this.plan = plan;
        this.config = config;
        this.tenant = tenant;
        this.listener = listener;
    }

    synchronized PoolStats stats() {
        return new PoolStats(
                config.runs(),
                count(sandbox -> sandbox.kind() != Kind.SESSION),
                count(sandbox -> sandbox.kind() != Kind.SESSION && sandbox.isPreloaded()),
                count(sandbox -> sandbox.kind() == Kind.SESSION),
                count(sandbox -> sandbox.kind() == Kind.SESSION && sandbox.isPreloaded()),
                launching.size());
    }

    private int count(Predicate<WarmSandbox> condition) {
        return (int) waiting.stream().filter(condition).count();
    }

    /**
     * The one that suits a program best, and of equal ones that which has waited longest; the caller owns it.
     *
     * @param named the libraries that the program may import
     */
    synchronized Optional<WarmSandbox> take(Set<String> named) {
        return removed(peek(named));
    }

    /** One for a session of {@code owner}; the caller owns it, and says when it is {@link #settled}. */
    synchronized Optional<WarmSandbox> takeSession(String owner) {
        return removed(best(
                sandbox -> sandbox.kind() == Kind.SESSION && sandbox.tenant().equals(owner), plan.names()));
    }

    private Optional<WarmSandbox> removed(Optional<WarmSandbox> sandbox) {
        sandbox.ifPresent(waiting::remove);
        return sandbox;
    }

    /** The one that {@link #take} would give; the caller does not own it. */
    synchronized Optional<WarmSandbox> peek(Set<String> named) {
        return best(sandbox -> sandbox.kind() != Kind.SESSION, named);
    }

    private Optional<WarmSandbox> best(Predicate<WarmSandbox> condition, Set<String> named) {
        // The first of equal ones.
        return waiting.stream().filter(condition).min(Comparator.comparingInt(sandbox -> sandbox.costFor(named, plan)));
    }

    /** The next one that has to import its libraries; the caller does not own it. */
    synchronized Optional<WarmSandbox> nextToPreload() {
        return waiting.stream().filter(WarmSandbox::awaitsLibraries).findFirst();
    }

    /** All that wait; the caller owns none of them. */
    synchronized List<WarmSandbox> all() {
        return List.copyOf(waiting);
    }

    /** Reserves the place of a sandbox that the caller is going to launch, a bare one first; empty when none is missing. */
    synchronized Optional<Place> reserve() {
        // Else a steady demand for the first kind would leave none of the others.
        boolean othersTurn = ++turn % OTHERS_TURN == 0;
        for (Kind kind : othersTurn ? Arrays.asList(Kind.values()).reversed() : Arrays.asList(Kind.values())) {
            if (!closed && isMissing(kind)) {
                Place place = new Place(kind, kind.newId());
                launching.add(place);
                if (place.id().isSession()) {
                    future.add(place.id());
                }
                return Optional.of(place);
            }
        }
        return Optional.empty();
    }

    /** The ids of those that look like a session to everybody and are none: not yet, or no more. */
    Set<SandboxId> futureSessions() {
        return Set.copyOf(future);
    }

    /** It is a session by now, or gone. */
    void settled(SandboxId id) {
        future.remove(id);
    }

    /**
     * Makes room for one that imports everything, once imports keep up with the demand. One at a time, and when the last one's
     * place has been taken: they are good for some.
     */
    void retirePartial() {
        if (!plan.isBehind() && isSettled()) {
            all().stream()
                    .filter(sandbox -> sandbox.isPartial(plan))
                    .findFirst()
                    .ifPresent(partial -> retire(partial::equals, RetireReason.PARTIAL));
        }
    }

    private synchronized boolean isSettled() {
        return !isMissing()
                && launching.isEmpty()
                && waiting.stream().allMatch(sandbox -> !sandbox.kind().importsLibraries() || sandbox.isPreloaded());
    }

    synchronized boolean isMissing() {
        return Arrays.stream(Kind.values()).anyMatch(this::isMissing);
    }

    private boolean isMissing(Kind kind) {
        if (kind == Kind.SESSION && tenant.get().isEmpty()) {
            return false;
        }
        long underWay = launching.stream().filter(place -> place.kind() == kind).count();
        return count(sandbox -> sandbox.kind() == kind) + underWay < config.target(kind);
    }

    /** Puts a sandbox into its reserved place. */
    void arrive(WarmSandbox sandbox) {
        synchronized (this) {
            launching.remove(sandbox.place());
            if (!closed) {
                waiting.add(sandbox);
                return;
            }
        }
        end(sandbox);
    }

    /** Gives up a reserved place, of which nothing is left. */
    synchronized void release(Place place) {
        launching.remove(place);
        settled(place.id());
    }

    /** Discards those that wait and fulfil {@code condition}. */
    void retire(Predicate<WarmSandbox> condition, RetireReason reason) {
        List<WarmSandbox> retired;
        synchronized (this) {
            retired = waiting.stream().filter(condition).toList();
            waiting.removeAll(retired);
        }
        retired.forEach(sandbox -> discard(sandbox, reason));
    }

    /** Closes one that was taken, behind the caller's back. */
    void discard(WarmSandbox sandbox, RetireReason reason) {
        listener.retired(reason);
        closers.execute(() -> end(sandbox));
    }

    private void end(WarmSandbox sandbox) {
        sandbox.close();
        settled(sandbox.id());
    }

    /** Closes all that wait, and what still arrives; returns when they are gone. */
    @Override
    public void close() {
        List<WarmSandbox> rest;
        synchronized (this) {
            closed = true;
            rest = List.copyOf(waiting);
            waiting.clear();
        }
        rest.forEach(sandbox -> discard(sandbox, RetireReason.SHUTDOWN));
        closers.close();
    }
}
