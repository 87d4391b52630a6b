package dev.codeinterpreter.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * The sandboxes that wait for a run, and how many are on their way.
 *
 * <p>INVARIANT: {@code this} guards {@code waiting}, {@code launching} and {@code closed}; of each kind those that wait and
 * those that are launching are no more than its target. A sandbox is in {@code waiting} or somebody's, never both.
 */
final class IdleSandboxes implements AutoCloseable {
    private final PoolConfig config;
    private final PoolListener listener;
    private final List<WarmSandbox> waiting = new ArrayList<>();
    private final Map<Kind, Integer> launching = new EnumMap<>(Kind.class);
    private final ExecutorService closers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("pool-closer-", 0).factory());
    private boolean closed;

    IdleSandboxes(PoolConfig config, PoolListener listener) {
        this.config = config;
        this.listener = listener;
    }

    synchronized PoolStats stats() {
        int underWay = launching.values().stream().mapToInt(Integer::intValue).sum();
        return new PoolStats(
                config.targets(),
                waiting.size(),
                (int) waiting.stream().filter(WarmSandbox::isPreloaded).count(),
                underWay);
    }

    /**
     * The one that suits a program best, and of equal ones that which has waited longest; the caller owns it.
     *
     * @param libraries whether the program may import them
     */
    synchronized Optional<WarmSandbox> take(boolean libraries) {
        Optional<WarmSandbox> best = peek(libraries);
        best.ifPresent(waiting::remove);
        return best;
    }

    /** The one that {@link #take} would give; the caller does not own it. */
    synchronized Optional<WarmSandbox> peek(boolean libraries) {
        // The first of equal ones.
        return waiting.stream().min(Comparator.comparingInt(sandbox -> sandbox.costFor(libraries)));
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
    synchronized Optional<Kind> reserve() {
        for (Kind kind : Kind.values()) {
            if (!closed && isMissing(kind)) {
                launching.merge(kind, 1, Integer::sum);
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    synchronized boolean isMissing() {
        return isMissing(Kind.BARE) || isMissing(Kind.PRELOADED);
    }

    private boolean isMissing(Kind kind) {
        long there = waiting.stream().filter(sandbox -> sandbox.kind() == kind).count();
        return there + launching.getOrDefault(kind, 0) < config.target(kind);
    }

    /** Puts a sandbox into its reserved place. */
    void arrive(WarmSandbox sandbox) {
        synchronized (this) {
            release(sandbox.kind());
            if (!closed) {
                waiting.add(sandbox);
                return;
            }
        }
        sandbox.close();
    }

    /** Gives up a reserved place. */
    synchronized void release(Kind kind) {
        launching.merge(kind, -1, Integer::sum);
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
        closers.execute(sandbox::close);
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
