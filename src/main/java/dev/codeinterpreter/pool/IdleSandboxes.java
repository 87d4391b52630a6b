package dev.codeinterpreter.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * The sandboxes that wait for a run, and how many are on their way.
 *
 * <p>INVARIANT: {@code this} guards {@code waiting}, {@code launching} and {@code closed}; {@code waiting.size() + launching
 * <= target}. A sandbox is in {@code waiting} or somebody's, never both.
 */
final class IdleSandboxes implements AutoCloseable {
    private final int target;
    private final PoolListener listener;
    private final Deque<WarmSandbox> waiting = new ArrayDeque<>();
    private final ExecutorService closers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("pool-closer-", 0).factory());
    private int launching;
    private boolean closed;

    IdleSandboxes(int target, PoolListener listener) {
        this.target = target;
        this.listener = listener;
    }

    synchronized PoolStats stats() {
        return new PoolStats(target, waiting.size(), launching);
    }

    /** The one that has waited longest; the caller owns it. */
    synchronized Optional<WarmSandbox> take() {
        return Optional.ofNullable(waiting.poll());
    }

    /** The one that {@link #take} would give; the caller does not own it. */
    synchronized Optional<WarmSandbox> peek() {
        return Optional.ofNullable(waiting.peek());
    }

    /** Reserves the place of a sandbox that the caller is going to launch; false when none is missing. */
    synchronized boolean reserve() {
        if (closed || waiting.size() + launching >= target) {
            return false;
        }
        launching++;
        return true;
    }

    /** Puts a sandbox into its reserved place. */
    void arrive(WarmSandbox sandbox) {
        synchronized (this) {
            launching--;
            if (!closed) {
                waiting.add(sandbox);
                return;
            }
        }
        sandbox.close();
    }

    /** Puts back one that was taken only to be looked at. */
    void restore(WarmSandbox sandbox) {
        synchronized (this) {
            if (!closed) {
                waiting.add(sandbox);
                return;
            }
        }
        sandbox.close();
    }

    /** Gives up a reserved place. */
    synchronized void release() {
        launching--;
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
            rest = new ArrayList<>(waiting);
            waiting.clear();
        }
        rest.forEach(sandbox -> discard(sandbox, RetireReason.SHUTDOWN));
        closers.close();
    }
}
