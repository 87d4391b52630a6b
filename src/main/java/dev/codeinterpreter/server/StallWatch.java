package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.http1.Waiting;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections on which nothing moves. The sockets have no time limits: virtual threads wait on channels, which know
 * none. So each wait is noted here with its deadline, and a thread that waits for longer is interrupted and its connection
 * closed, whatever of it the thread waits for.
 */
@SingleInstance
class StallWatch {
    /** Between two scans: no limit on a client is shorter than ten seconds, so a second more is little. */
    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** Those first that have never sent a request; then the oldest. */
    private static final Comparator<Wait> EVICTION_ORDER = Comparator.<Wait, Boolean>comparing(
                    wait -> wait.reason == Waiting.NEXT_REQUEST)
            .thenComparing((a, b) -> Long.signum(a.since - b.since));

    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();

    /** Lives as long as the process, as its listener does; the thread is a daemon. */
    @SuppressWarnings("unused")
    private final PeriodicTask looking;

    @Inject
    StallWatch() {
        this(PERIOD);
    }

    StallWatch(Duration period) {
        this.looking = PeriodicTask.every(period, "stall-watch", this::look);
    }

    /**
     * Notes that the calling thread may block from now on; it closes the result when it no longer does.
     *
     * @param since when the client was first waited for, for the order in which connections are evicted
     * @param nanos from now, after which the thread is interrupted, at the next scan
     * @param cut closes the connection; called then, and must not block
     */
    Wait begin(Waiting reason, long since, long nanos, Runnable cut) {
        return add(new Wait(reason, since, nanos, cut, Thread.currentThread()));
    }

    /**
     * As {@link #begin}, from now on, where the thread that waits is not known: the connection is cut, and the thread finds
     * that out.
     */
    Wait beginWithoutThread(Waiting reason, long nanos, Runnable cut) {
        return add(new Wait(reason, System.nanoTime(), nanos, cut, null));
    }

    private Wait add(Wait wait) {
        waits.add(wait);
        return wait;
    }

    /**
     * Closes the connection that has waited longest for a request, without any request of it being in progress.
     *
     * @return false when there is none
     */
    boolean evict() {
        Optional<Wait> oldest = waits.stream().filter(Wait::isEvictable).min(EVICTION_ORDER);
        oldest.ifPresent(Wait::interrupt);
        return oldest.isPresent();
    }

    private void look() {
        long now = System.nanoTime();
        for (Wait wait : waits) {
            if (now - wait.begun >= wait.nanos) {
                wait.interrupt();
            }
        }
    }

    /** INVARIANT: the thread is interrupted only while it waits; {@code lock} guards the two flags. */
    final class Wait implements AutoCloseable {
        private final Waiting reason;
        private final long since;
        private final long begun = System.nanoTime();
        private final long nanos;
        private final Runnable cut;
        private final @Nullable Thread thread;
        private final ReentrantLock lock = new ReentrantLock();
        private boolean over;
        private volatile boolean interrupted;

        private Wait(Waiting reason, long since, long nanos, Runnable cut, @Nullable Thread thread) {
            this.reason = reason;
            this.since = since;
            this.nanos = nanos;
            this.cut = cut;
            this.thread = thread;
        }

        private boolean isEvictable() {
            return !interrupted && reason.isEvictable();
        }

        private void interrupt() {
            lock.lock();
            try {
                if (!over) {
                    interrupted = true;
                    if (thread != null) {
                        thread.interrupt();
                    }
                    cut.run();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            waits.remove(this);
            lock.lock();
            try {
                over = true;
            } finally {
                lock.unlock();
            }
            if (interrupted && thread != null) {
                // It has done its work: the channel is closed, and who finds that out needs no other sign.
                boolean _ = Thread.interrupted();
            }
        }
    }
}
