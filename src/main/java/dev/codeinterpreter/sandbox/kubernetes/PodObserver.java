package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one pod.
 *
 * <p>INVARIANT: {@code lock} guards all that changes. What was gone stays gone: a name is never given twice.
 */
final class PodObserver implements AutoCloseable {
    private final PodWatch watch;
    private final PodApi api;
    private final Duration silence;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Pod last;
    private boolean gone;
    /** Counts the reports. */
    private long news;

    private Runnable onEnd = () -> {};

    /** @param silence of the watch, after which we ask ourselves */
    PodObserver(PodWatch watch, PodApi api, Duration silence, String name) {
        this.watch = watch;
        this.api = api;
        this.silence = silence;
        this.name = name;
    }

    String name() {
        return name;
    }

    /**
     * Waits until {@code condition} holds for the pod, or it is gone.
     *
     * @return the pod then, nothing when it is gone
     * @throws BackendException as of an API that did not answer, when it has not come to that within {@code timeout}, or we are interrupted
     */
    Optional<Pod> await(Predicate<Pod> condition, Duration timeout) throws BackendException {
        lock.lock();
        try {
            if (!await(condition, System.nanoTime() + timeout.toNanos())) {
                throw BackendException.unreachable("%s is still %s".formatted(name, description()), null);
            }
            return gone ? Optional.empty() : Optional.ofNullable(last);
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code condition} holds for the pod within {@code timeout}, or it is gone. */
    boolean hasWithin(Predicate<Pod> condition, Duration timeout) throws BackendException {
        lock.lock();
        try {
            return await(condition, System.nanoTime() + timeout.toNanos());
        } finally {
            lock.unlock();
        }
    }

    /** Has {@code action} run when the pod has ended, is asked to, or is gone, or at once when that has happened. Quick. */
    void whenOver(Runnable action) {
        boolean over;
        lock.lock();
        try {
            onEnd = action;
            over = isOver();
        } finally {
            lock.unlock();
        }
        if (over) {
            action.run();
        }
    }

    /** With what was known before it was followed, unless there is news already. */
    void begin(Pod known) {
        lock.lock();
        try {
            if (news == 0) {
                last = known;
            }
        } finally {
            lock.unlock();
        }
    }

    /** As the watch or we ourselves have it; nothing when the pod is gone. */
    void update(@Nullable Pod pod) {
        Runnable action = () -> {};
        lock.lock();
        try {
            boolean wasOver = isOver();
            news++;
            if (pod == null) {
                gone = true;
            } else {
                last = pod;
            }
            if (!wasOver && isOver()) {
                action = onEnd;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        action.run();
    }

    @Override
    public void close() {
        watch.leave(this);
    }

    /** With the lock held. */
    private boolean await(Predicate<Pod> condition, long deadline) throws BackendException {
        try {
            while (!gone && (last == null || !condition.test(last))) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                if (!changed.await(Math.min(left, silence.toNanos()), TimeUnit.NANOSECONDS)) {
                    look();
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BackendException.unreachable("interrupted while waiting for " + name, e);
        }
    }

    private boolean isOver() {
        return gone || (last != null && !PodState.isAlive(last));
    }

    /** With the lock released: the API may be slow. */
    private void look() {
        long before = news;
        lock.unlock();
        Optional<Pod> now = Optional.empty();
        boolean asked = false;
        try {
            now = api.get(name);
            asked = true;
        } catch (BackendException e) {
            // The next look may go better; the deadline is the caller's.
            System.getLogger(PodObserver.class.getName()).log(System.Logger.Level.DEBUG, "cannot look at " + name, e);
        } finally {
            lock.lock();
        }
        // What the watch has reported meanwhile is newer.
        if (asked && news == before) {
            lock.unlock();
            try {
                update(now.orElse(null));
            } finally {
                lock.lock();
            }
        }
    }

    private String description() {
        return last == null ? "unknown" : String.valueOf(last.getStatus());
    }
}
